from mriocarbon.cli.main import main

main()
