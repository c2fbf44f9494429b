"""The methods of the contract. Each translates and delegates; errors are turned into codes around them, not in them."""
