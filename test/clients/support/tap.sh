# TAP for the shell clients.  Sourced; the script ends with finish.

count=0
failures=0

# verdict STATUS NAME [DIAGNOSTIC...]
verdict()
{
	local status=$1 name=$2
	shift 2
	count=$((count + 1))
	if [ "$status" -eq 0 ]; then
		echo "ok $count - $name"
		return 0
	fi
	failures=$((failures + 1))
	echo "not ok $count - $name"
	printf '%s\n' "$@" | head -c 3000 | sed 's/^/#   /'
	return 1
}

# is GOT EXPECTED NAME
is()
{
	[ "$1" = "$2" ]
	verdict $? "$3" "got      $1" "expected $2"
}

# like GOT PATTERN NAME: an extended regular expression
like()
{
	[[ $1 =~ $2 ]]
	verdict $? "$3" "got $1" "not like $2"
}

finish()
{
	echo "1..$count"
	[ "$failures" -eq 0 ]
	exit
}
