"""Generated volume: invented brands, cars, dealerships and stock in any number, the same for the same seed."""
