"""The one entry. No word: serve. Any other word: a command (`python run.py --help`). No logic here."""

from supervisor.serve import main

if __name__ == "__main__":
    main()
