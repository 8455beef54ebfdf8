"""What JUnit and TestNG share: Java scripts, their classes, Maven and Ant."""
