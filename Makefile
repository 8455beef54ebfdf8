# placeholder while building
