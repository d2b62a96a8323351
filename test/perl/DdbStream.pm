# DdbStream.pm: settings that servers need for streams.
package DdbStream;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(stream_settings);

# stream_settings gives lines for postgresql.conf.  Newer servers want to be told that
# a library may be named as an output plugin.
sub stream_settings
{
	my $conf = "wal_level = logical\n";
	my $trust = `postgres --describe-config` =~ /^output_plugin_libraries\t/m;
	$conf .= "output_plugin_libraries = 'pgoutput, test_decoding, ddb'\n" if $trust;
	return $conf;
}

1;
