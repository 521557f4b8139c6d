#!/usr/bin/env bash
# The browsers that the tests drive, from Debian or Ubuntu: what is missing is installed, as root or through sudo.
# A browser that cannot be had is a failure, never a test left out.
set -euo pipefail

missing=()
need() { # <package> <file or command that it brings>
  command -v "$2" >/dev/null || missing+=("$1")
}
need chromium chromium
need firefox-esr firefox-esr
need webkit2gtk-driver WebKitWebDriver
need xvfb Xvfb
need util-linux setpriv
# Without any font, text has no width in some engines, and pages look and behave as they do nowhere else.
command -v fc-list >/dev/null && [ -n "$(fc-list 2>/dev/null | head -n 1)" ] || missing+=(fontconfig fonts-dejavu-core)

[ "${#missing[@]}" -eq 0 ] && exit 0

fail() {
  echo "saywhy's browser tests need: ${missing[*]}. $1" >&2
  exit 1
}
command -v apt-get >/dev/null || fail 'This system has no apt-get: install them by its own means, under the names that Debian gives the commands.'
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  sudo -n true 2>/dev/null || fail "Installing takes root: run once 'sudo bash scripts/setup-browsers.sh'."
  as_root=(sudo -n)
fi
echo "Installing ${missing[*]} for the browser tests" >&2
install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}" >&2; }
"${as_root[@]}" apt-get update >&2 || true # an old list may still do
install || fail 'apt-get install failed: its words are above.'
