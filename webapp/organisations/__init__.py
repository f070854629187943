"""The tree of organisations: region, provinces, municipalities, cities, ministries, central enterprises."""
