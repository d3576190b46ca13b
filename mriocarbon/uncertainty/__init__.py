"""How sure an account is: error models of the inputs, and four ways to carry them through."""
