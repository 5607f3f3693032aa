"""How long the web page lets its reader wait."""
