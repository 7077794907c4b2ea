#!/bin/bash
# Stops this notebook instance once nobody has used it for IDLE_SECONDS.
# Runs as root at every start; a systemd timer looks every five minutes.
set -euo pipefail

install -d -m 0755 /opt/mlstage
cat > /opt/mlstage/idle_stop.py <<'PYTHON'
"""Stop this notebook instance when no kernel, terminal or file has been active for a while."""

import json
import ssl
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timezone

IDLE_SECONDS = int(sys.argv[1])
METADATA = "/opt/ml/metadata/resource-metadata.json"
# Jupyter listens on this host only, behind a certificate that it signed itself.
LOCAL = ssl._create_unverified_context()


def ask(path):
    with urllib.request.urlopen("https://localhost:8443/api/" + path, context=LOCAL, timeout=20) as answer:
        return json.load(answer)


def age(stamp):
    then = datetime.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return (datetime.now(timezone.utc) - then).total_seconds()


def seconds_idle():
    with open("/proc/uptime") as uptime:
        quiet = [float(uptime.read().split()[0])]
    for kernel in ask("kernels"):
        if kernel["execution_state"] == "busy":
            return 0
        quiet.append(age(kernel["last_activity"]))
    quiet += [age(terminal["last_activity"]) for terminal in ask("terminals") if "last_activity" in terminal]
    quiet.append(age(ask("status")["last_activity"]))
    return min(quiet)


for attempt in range(3):
    try:
        idle = seconds_idle()
        break
    except Exception as error:
        print("Jupyter does not answer: %s" % error)
        time.sleep(20)
else:
    sys.exit(1)  # not knowing is no reason to stop somebody's work

print("idle for %d of %d seconds" % (idle, IDLE_SECONDS))
if idle >= IDLE_SECONDS:
    with open(METADATA) as metadata:
        resource = json.load(metadata)
    region = resource["ResourceArn"].split(":")[3]
    stop = ["aws", "sagemaker", "stop-notebook-instance", "--region", region]
    subprocess.run([*stop, "--notebook-instance-name", resource["ResourceName"]], check=True)
PYTHON

cat > /etc/systemd/system/mlstage-idle-stop.service <<UNIT
[Unit]
Description=Stop this notebook instance when it is idle

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /opt/mlstage/idle_stop.py IDLE_SECONDS
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
