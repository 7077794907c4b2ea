"""The policy pack: `pulumi preview --policy-pack policies` judges any program's resources by mlstage's rules.

`--policy-pack-config policies/recommended.json` says how strictly; RULES.md lists the rules.
"""

from pathlib import Path

from mlstage.readers.policy_pack import serve

if __name__ == "__main__":
    serve(Path(__file__).parent)
