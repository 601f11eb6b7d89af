#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/install-packages.sh, with the real apt and dpkg on a suite, and into a system, of our own.
set -u -o pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/tap.sh
. "$here/../tap.sh"
need apt-get dpkg-deb setpriv

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cp "$here/../install-packages.sh" "$work/install"
cd "$work" || exit 1
mkdir -p none suite state/lists/partial cache/archives/partial system/var/lib/dpkg/{info,updates}
touch system/var/lib/dpkg/status
cat >apt.conf <<END
Dir::Etc::Parts "$work/none";
Dir::Etc::SourceList "$work/sources";
Dir::Etc::SourceParts "$work/none";
Dir::Etc::PreferencesParts "$work/none";
Dir::State "$work/state";
Dir::State::status "$work/system/var/lib/dpkg/status";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
DPkg::Options { "--root=$work/system"; "--force-not-root"; };
END
echo "deb [trusted=yes] file:$work/suite ./" >sources
export APT_CONFIG=$work/apt.conf DPKG_ADMINDIR=$work/system/var/lib/dpkg

# offer NAME...: the suite has these packages, and no others; apt has heard of it.
offer() {
    local name
    for name; do
        mkdir -p "packages/$name/DEBIAN"
        printf '%s\n' "Package: $name" 'Version: 1' 'Architecture: all' 'Description: a sample' \
            'Maintainer: nobody <nobody@localhost>' >"packages/$name/DEBIAN/control"
        [ -e "suite/$name.deb" ] || dpkg-deb --build "packages/$name" "suite/$name.deb" >/dev/null
        cat "packages/$name/DEBIAN/control"
        printf '%s\n' "Filename: ./$name.deb" "Size: $(stat -c %s "suite/$name.deb")" \
            "SHA256: $(sha256sum "suite/$name.deb" | cut -d ' ' -f 1)" ''
    done >suite/Packages
    apt-get -qq update
}

chosen() {
    ./install --choose "$@" | xargs
}

offer new old plain
same "of two names that are there it is the first" "new plain" "$(chosen new,old plain)"
same "whichever that is" old "$(chosen old,new)"
offer old plain
same "the second, where the first is not" "old plain" "$(chosen new,old plain)"
same "the third, where no other is" plain "$(chosen new,newer,plain)"
same "a name alone is that name" newer "$(chosen newer)"

# installed NAME...: what there is of these now.
installed() {
    dpkg-query -W -f '${Package} ' "$@" 2>/dev/null | xargs
}

as_nobody() {
    setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

if [ "$(id -u)" -eq 0 ]; then
    said=$(as_nobody ./install plain new,old 2>&1)
    same "without root it fails, and says what to install" \
        "1 Missing: plain old. Run this with sudo, or: sudo apt-get install plain old" "$? $said"
    said=$(./install old new,old plain 2>&1)
    same "each is installed once" "0 Installing: old plain" "$? $said"
    same "it is there" "old plain" "$(installed old plain new)"
    rm suite/Packages sources
    said=$(./install plain new,old 2>&1)
    same "what is there is neither named nor asked for" "0 " "$? $said"
    said=$(./install plain new,newer 2>&1)
    same "where no name is known it fails" 1 $?
    check "and says all of them" grep -q 'No package.*: new,newer$' <<<"$said"
    said=$(./install absent 2>&1)
    same "a package that cannot be had is named" "1 Could not install: absent" \
        "$? $(tail -n 1 <<<"$said")"
    same "nothing else was installed" "old plain" "$(installed old plain new newer)"
else
    skip "installing" "root is missing: sudo make lint"
fi
tap_end
