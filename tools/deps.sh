#!/bin/bash
# deps.sh: install the Debian packages of packages.txt that are missing.
#
# Touches the network only when something is missing, and says what it
# installs.  PostgreSQL's package would create and start a cluster "main" on
# its first installation; that is switched off while this script runs and the
# setting is taken away again, so neither a new cluster nor a changed
# configuration stays behind.  Existing clusters are not touched.
#
# Environment: PG_CONFIG (its version decides which packages are meant; one
# outside /usr/lib/postgresql brings its own server, and no PostgreSQL package
# is asked for).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
PG_CONFIG=${PG_CONFIG:-/usr/lib/postgresql/15/bin/pg_config}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "deps: this is not a Debian system; needed are the counterparts of:" >&2
	grep -v '^#' "$here/packages.txt" | sed 's/-\?@PG@//' | xargs >&2
	exit 0
fi

# wanted prints the package names, one a line.
wanted()
{
	local major
	case $PG_CONFIG in
		/usr/lib/postgresql/*/bin/pg_config)
			major=${PG_CONFIG#/usr/lib/postgresql/}
			major=${major%%/*}
			grep -v -e '^#' -e '^$' "$here/packages.txt" | sed "s/@PG@/$major/" ;;
		*)
			grep -v -e '^#' -e '^$' -e '@PG@' "$here/packages.txt" ;;
	esac
}

# Names that installed packages go by; some come from elsewhere, and provide
# what are two packages in Debian (nodejs and npm).
present=$(dpkg-query -W -f='${db:Status-Status}, ${Package}, ${Provides}\n' |
	sed -n 's/^installed, //p' | tr ',' '\n' | sed 's/ //; s/[ (].*//')
missing=()
while read -r package; do
	grep -qxF -- "$package" <<<"$present" || missing+=("$package")
done < <(wanted)

[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "deps: missing packages: ${missing[*]}" >&2
		echo "deps: install them as root (apt-get install ...), or install sudo" >&2
		exit 1
	fi
	as_root=(sudo)
fi

echo "deps: installing ${missing[*]}"

conf_root=/etc/postgresql-common
conf_dir=$conf_root/createcluster.d
conf=$conf_dir/zz-ddb-deps.conf
made=()
for dir in "$conf_root" "$conf_dir"; do
	[ -d "$dir" ] || made=("$dir" "${made[@]}")
done

# clean takes the temporary setting away again, and the folders that only it needed.
clean()
{
	"${as_root[@]}" rm -f "$conf"
	for dir in "${made[@]}"; do
		"${as_root[@]}" rmdir "$dir" 2>/dev/null || true
	done
}
trap clean EXIT
trap 'exit 130' INT TERM

"${as_root[@]}" mkdir -p "$conf_dir"
echo 'create_main_cluster = false' | "${as_root[@]}" tee "$conf" >/dev/null

apt()
{
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
		apt-get -q -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@" </dev/null
}

log=$(mktemp)
if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
	cat "$log" >&2
	rm -f "$log"
	echo "deps: apt-get could not install ${missing[*]}" >&2
	exit 1
fi
rm -f "$log"
echo "deps: done"
