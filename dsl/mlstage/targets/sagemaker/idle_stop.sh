#!/bin/bash
# Stops this notebook instance once nobody has used it for a while, on holidays after ten minutes.
# Runs as root at every start; a systemd timer looks every five minutes.
set -euo pipefail

install -d -m 0755 /opt/mlstage
cat > /opt/mlstage/idle_stop.py <<'PYTHON'
"""Stop this notebook instance when no kernel, terminal or file has been used for a while.

Arguments: seconds until it counts as idle (0: it does so on holidays only), holidays separated by commas, time zone.

What counts is what people do: a kernel that is busy or was, a terminal, a file that was saved. Jupyter's own "last
activity" does not: an open browser tab polls all day, and so would this script if it did not ask to be left out.
"""

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timezone

JUPYTER = os.environ.get("MLSTAGE_JUPYTER", "https://localhost:8443")
FILES = os.environ.get("MLSTAGE_FILES", "/home/ec2-user/SageMaker")
METADATA = os.environ.get("MLSTAGE_METADATA", "/opt/ml/metadata/resource-metadata.json")
UPTIME = os.environ.get("MLSTAGE_UPTIME", "/proc/uptime")
ON_HOLIDAYS = 600
# Jupyter listens on this host only, behind a certificate that it signed itself.
LOCAL = ssl._create_unverified_context()


def ask(path):
    address = JUPYTER + "/api/" + path + "?no_track_activity=1"
    with urllib.request.urlopen(address, context=LOCAL if address.startswith("https") else None, timeout=20) as answer:
        return json.load(answer)


def age(stamp):
    then = datetime.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return (datetime.now(timezone.utc) - then).total_seconds()


def seconds_since_saved():
    newest = 0
    for folder, inside, files in os.walk(FILES):
        inside[:] = [name for name in inside if not name.startswith(".") and name not in ("lost+found", "node_modules")]
        for name in files:
            try:
                newest = max(newest, os.lstat(os.path.join(folder, name)).st_mtime)
            except OSError:
                continue
    return time.time() - newest


def seconds_idle():
    with open(UPTIME) as uptime:
        quiet = [float(uptime.read().split()[0])]
    for kernel in ask("kernels"):
        if kernel["execution_state"] == "busy":
            return 0
        quiet.append(age(kernel["last_activity"]))
    quiet += [age(terminal["last_activity"]) for terminal in ask("terminals") if "last_activity" in terminal]
    quiet.append(seconds_since_saved())
    return max(0, min(quiet))


def allowed(seconds, holidays):
    if time.strftime("%Y-%m-%d") in holidays:
        return min(seconds, ON_HOLIDAYS) if seconds else ON_HOLIDAYS
    return seconds


def main():
    os.environ["TZ"] = sys.argv[3]
    time.tzset()
    limit = allowed(int(sys.argv[1]), sys.argv[2].split(","))
    if not limit:
        return
    for attempt in range(3):
        try:
            idle = seconds_idle()
            break
        except Exception as error:
            print("Jupyter does not answer: %s" % error)
            time.sleep(float(os.environ.get("MLSTAGE_PAUSE", "20")))
    else:
        sys.exit(1)  # not knowing is no reason to stop somebody's work
    print("idle for %d of %d seconds" % (idle, limit))
    if idle >= limit:
        with open(METADATA) as metadata:
            resource = json.load(metadata)
        region = resource["ResourceArn"].split(":")[3]
        stop = ["aws", "sagemaker", "stop-notebook-instance", "--region", region]
        subprocess.run([*stop, "--notebook-instance-name", resource["ResourceName"]], check=True)


main()
PYTHON

cat > /etc/systemd/system/mlstage-idle-stop.service <<UNIT
[Unit]
Description=Stop this notebook instance when it is idle

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /opt/mlstage/idle_stop.py IDLE_SECONDS HOLIDAYS ZONE
UNIT

cat > /etc/systemd/system/mlstage-idle-stop.timer <<UNIT
[Unit]
Description=Look every five minutes whether this notebook instance is idle

[Timer]
OnBootSec=5min
OnUnitActiveSec=5min

[Install]
WantedBy=timers.target
UNIT

systemctl daemon-reload
systemctl enable --now mlstage-idle-stop.timer
