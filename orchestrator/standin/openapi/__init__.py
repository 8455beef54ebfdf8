"""OpenAPI documents of what the stand-in answers, and the page on which people try it."""
