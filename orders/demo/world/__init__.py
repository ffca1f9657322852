"""The four ways of selling side by side on one stock: a maker's shop in some cities, direct sale, online and
offline at once, and a festival of many brands. `seed_world` adds them to the plain demonstration."""
