#!/usr/bin/env bash
# System packages of the test suite: a browser, real peers for cameras and Modbus, nft to check generated rules.
# On Debian and its like they are installed when missing (as root, or with sudo); elsewhere the list is printed.
set -euo pipefail
packages=(
  chromium                                   # the console's tests
  fonts-dejavu-core                          # text in screenshots
  python3-gi gir1.2-gst-rtsp-server-1.0      # a real RTSP server
  gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
  glib-networking                            # its TLS
  mbpoll                                     # a real Modbus master (libmodbus)
  mosquitto mosquitto-clients                # a real MQTT broker and its clients
  libmodbus-dev gcc libc6-dev                # a real Modbus server, compiled by its test
  snmpd snmp                                 # a real SNMP agent, snmptrap and snmpinform
  nftables iproute2                          # generated firewall rules, namespaces
  ffmpeg                                     # reads our recordings as any player would
  libvlc5 vlc-plugin-base                    # plays our multicast as an operator's player would
  prometheus                                 # answers the same queries over the same samples
  postgresql                                 # a real database server; the tests start clusters of their own
  ncat socat curl                            # real peers of machines that speak TCP and HTTP
  poppler-utils                              # reads our PDF reports as any reader would
)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
  echo "system-packages.sh: install these with your package manager: ${missing[*]}" >&2
  exit 0
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "system-packages.sh: run as root: apt-get install ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "system-packages.sh: installing ${missing[*]}"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
