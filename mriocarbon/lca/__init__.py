"""Life cycle assessment: unit processes, inventories, impacts."""
