"""The IPCC side: national inventories, global warming potentials, households."""
