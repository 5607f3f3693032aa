from generation.judge.data.build import main

main()
