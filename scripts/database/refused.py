"""Files of the data folder that are not in the store, each with the reason."""

from __future__ import annotations

LEFT_OUT_FILES = (
    ("edgar/", "EDGAR is for comparison only; IEA-EDGAR CO2 is CC BY-NC-ND"),
    ("icio2022/co2_2022_edgar_allocated_81x50.npz", "allocated from EDGAR"),
    ("natural/landCSink_*", "national DGVM land sink: the files name neither producer, period, "
     "unit nor licence"),
    ("natural/primap_ceds_gfed_inv_1750-2021.csv", "a compilation of others' series, no licence "
     "stated; PRIMAP-hist draws on EDGAR"),
    ("natural/gcp_n2o_Tian2020_table1.csv", "from an article whose text is not openly licensed"),
    ("natural/GFED4.1s_2024.xlsx", "superseded by GFED5; later years are extrapolated"),
    ("natural/Global_Methane_Budget_2000_2017_v2.0_full.xlsx", "single models; the bottom-up "
     "columns hold EDGAR"),
    ("natural/Minx2021_essd_lulucf_data.xlsx", "earlier runs of the bookkeeping models that "
     "gcb-2024-land has by country"),
    ("natural/OMI_Catalogue_SO2_2023.xlsx", "SO2 of volcanoes: no greenhouse gas"),
    ("cbam/worldsteel_*", "worldsteel allows no redistribution that we could verify"),
    ("cbam/jrc135067_hydrogen_routes.csv", "quotes the IEA, whose terms forbid redistribution"),
    ("cbam/eu27_imports_2024_*", "from an unnamed secondary source with derived costs"),
    ("cbam/china_definitive_vs_transitional.csv", "derived; follows from the other rows"),
    ("cbam/cn8_to_isic3.csv, cbam/concordance/", "concordances, no figures"),
    ("ef/premise/", "cement (GCCA) and model data whose own terms are not stated; two of its "
     "files hold the same numbers under different names"),
    ("lci/", "unit processes, not a table of figures; see the life-cycle room"),
    ("owid/owid_gcb2025_subset_nithin.csv, emissions", "repeats the Global Carbon Budget; its "
     "CH4 and N2O draw on other compilations"),
    ("gcb/National_Fossil_Carbon_Emissions_2024v1.0.xlsx", "superseded by the edition of 2025"),
    ("gcb/gcb2025v03_prod_vs_cons.csv", "derived from the workbook that is in"),
    ("unfccc/data_crfs_2023.RData", "the same tables again, no licence stated"),
    ("icio2019/, wiod2013/, icio2022 tables, geo/", "matrices and maps, not in this store"),
)  # fmt: skip
"""(what, why): shown in the build's report and kept in the table ``left_out``."""
