#!/usr/bin/env bash
# What the tests need beside Python packages: a browser, Chinese fonts, strace, LibreOffice, Go with its code for
# transparency logs. Says what is missing.
set -u
packages=()
command -v chromium >/dev/null 2>&1 || packages+=(chromium)
command -v strace >/dev/null 2>&1 || packages+=(strace)
fc-list :lang=zh 2>/dev/null | grep -q . || packages+=(fonts-noto-cjk)
command -v soffice >/dev/null 2>&1 || packages+=(libreoffice-writer-nogui)
command -v go >/dev/null 2>&1 || packages+=(golang-go)
[ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ] || packages+=(golang-golang-x-mod-dev)
if [ ${#packages[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" \
    >/dev/null 2>&1 || true
fi
command -v chromium >/dev/null 2>&1 || echo "No chromium: the browser journeys will be skipped."
command -v strace >/dev/null 2>&1 || echo "No strace: the test of the sync before the answer will be skipped."
fc-list :lang=zh 2>/dev/null | grep -q . || echo "No Chinese fonts (fonts-noto-cjk): posters and pictures lack them."
command -v soffice >/dev/null 2>&1 || echo "No LibreOffice (libreoffice-writer-nogui): tests of papers as PDF will be skipped."
[ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ] && command -v go >/dev/null 2>&1 || echo "No Go with golang.org/x/mod (golang-go, golang-golang-x-mod-dev): its audit of the log will be skipped."
# Cryptography of others that checks our signatures and runs in browsers, and what bundles it.
if command -v npm >/dev/null 2>&1; then
  (cd "$(dirname "$0")/.." && npm ci --silent --no-audit --no-fund --ignore-scripts >/dev/null 2>&1)
fi
[ -d "$(dirname "$0")/../node_modules" ] || echo "No npm packages (package.json): the check of cosignatures by others will be skipped."
exit 0
