# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Packages of every suite of the distribution, whichever this machine has: `apt_open CACHE`, then
# `run_apt COMMAND ...`. The distribution's own client, in a directory of its own, so that the
# machine's lists and packages stay as they are. The mirror is the machine's own, left in
# $apt_mirror; signatures are checked against the distribution's keys. The packages are for the
# ARCHITECTURE of the environment (x86, arm64), this machine's without, left in $apt_architecture by
# the distribution's word.

apt_suites='bullseye bookworm bookworm-backports trixie trixie-backports sid'
apt_keys=/usr/share/keyrings/debian-archive-keyring.gpg
case ${ARCHITECTURE:-} in
x86) apt_architecture=amd64 ;;
'') apt_architecture=$(dpkg --print-architecture) ;;
*) apt_architecture=$ARCHITECTURE ;;
esac

die() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

run_apt() {
    command=$1
    shift
    "$command" -qq -o APT::Architecture="$apt_architecture" \
        -o APT::Architectures="$apt_architecture" \
        -o Dir::State="$apt/state" -o Dir::State::status="$apt/status" \
        -o Dir::Cache="$apt/cache" -o Dir::Etc="$apt/etc" -o APT::Sandbox::User=root \
        -o Acquire::Retries=3 "$@"
}

# apt_source SUITE: a line of sources. A mirror that stands still is good enough.
apt_source() {
    echo "deb [signed-by=$apt_keys check-valid-until=no] $apt_mirror $1 main"
}

# apt_unpack ROOT PACKAGES SUITE...: packages, and what they depend on, of the first suite or of
# those that follow, unpacked into ROOT. Nothing is installed, and root is not needed.
apt_unpack() {
    apt_root=$1
    apt_packages=$2
    shift 2
    for apt_suite; do
        apt_source "$apt_suite"
    done | mmdebstrap --quiet --mode=chrootless --variant=extract \
        --architectures="$apt_architecture" --aptopt='APT::Install-Recommends "false"' \
        --include="$(echo "$apt_packages" | tr ' ' ',')" "$1" "$apt_root" - >&2 ||
        die "cannot fetch $apt_packages"
}

# Lists of a day ago will do. Where there are none, a machine without a network ends here.
apt_update() {
    [ -z "$(find "$apt/updated" -mmin -1440 2>/dev/null)" ] || return 0
    mkdir -p "$apt/etc/apt.conf.d" "$apt/etc/preferences.d" "$apt/etc/sources.list.d" \
        "$apt/state/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    for suite in $apt_suites; do
        apt_source "$suite"
    done >"$apt/etc/sources.list"
    run_apt apt-get update || die "cannot read the mirror's lists of packages"
    : >"$apt/updated"
}

apt_find_mirror() {
    [ -f "$apt_keys" ] || die "the distribution's keys are missing: install debian-archive-keyring"
    # shellcheck disable=SC2016  # apt's own variable
    apt_mirror=$(apt-get indextargets --format '$(REPO_URI)' \
        'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sort -u | head -n 1)
    [ -n "$apt_mirror" ] || die "this machine's package sources name no mirror of Debian"
}

apt_open() {
    apt=$1/apt
    apt_find_mirror
    apt_update
}
