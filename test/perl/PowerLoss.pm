# PowerLoss: servers on a disk that forgets what was not synced (test/powerloss), and
# cuts of the power.

package PowerLoss;

use strict;
use warnings;

use Cwd 'abs_path';
use Exporter 'import';
use File::Find;
use Time::HiRes qw(time sleep);

our @EXPORT = qw(powerloss_build powerloss_start powerloss_kill powerloss_restore);

my $library;
use constant BLOCK => 4096;
use constant HEADER => 16;

# powerloss_build compiles the layer.
sub powerloss_build
{
	my ($folder) = @_;
	$library = "$folder/powerloss.so";
	system('gcc', '-O1', '-g', '-shared', '-fPIC', '-o', $library, 'test/powerloss/powerloss.c', '-ldl') == 0
	  or die 'the layer does not compile';
	return;
}

sub saved_folder { return $_[0]->basedir . '/saved'; }

# powerloss_start starts a server on such a disk; true when it runs.
sub powerloss_start
{
	my ($node, %options) = @_;
	my $saved = saved_folder($node);

	mkdir $saved;
	local $ENV{LD_PRELOAD} = $library;
	local $ENV{DDB_POWERLOSS_DATA} = abs_path($node->data_dir);
	local $ENV{DDB_POWERLOSS_SAVED} = $saved;
	$node->{_pid} = undef;
	return $node->start(%options);
}

# powerloss_kill ends all processes of a server at once.
sub powerloss_kill
{
	my ($node) = @_;
	my $pid = $node->{_pid};
	my @pids = ($pid);

	for my $stat (glob '/proc/[0-9]*/stat')
	{
		open my $file, '<', $stat or next;
		my $line = <$file> // next;
		push @pids, $1 if $line =~ /^(\d+) \(.*\) \S (\d+)/ && $2 == $pid;
	}
	kill 'KILL', @pids;
	my $end = time + 20;
	while (time < $end)
	{
		last unless grep { running($_) } @pids;
		sleep 0.05;
	}
	# the shutdown would fail otherwise, and the start see a server that is none
	unlink $node->data_dir . '/postmaster.pid';
	unlink glob($node->host . '/.s.PGSQL.' . $node->port . '*');
	$node->{_pid} = undef;
	return;
}

sub running
{
	open my $file, '<', "/proc/$_[0]/stat" or return 0;
	return (<$file> // '') !~ /\) [ZX] /;
}

# powerloss_restore gives the disk back without what was not synced.  Of each
# block of that, chance says how likely it had reached the disk all the same.
# Gives how many blocks were lost.
sub powerloss_restore
{
	my ($node, $chance) = @_;
	my %path;
	my $lost = 0;

	find({ no_chdir => 1, wanted => sub {
		my @stat = lstat;
		$path{ $stat[1] } = $_ if -f _;
	} }, $node->data_dir);
	for my $saved (glob saved_folder($node) . '/*')
	{
		my ($inode) = $saved =~ /(\d+)$/;
		$lost += restore_file($saved, $path{$inode}, $chance) if $path{$inode} && -s $saved;
		unlink $saved;
	}
	return $lost;
}

# restore_file undoes what was done to one file since it was synced.
sub restore_file
{
	my ($saved, $path, $chance) = @_;
	my ($data, %old, $lost) = ('', undef, 0);

	open my $in, '<:raw', $saved or die "$saved: $!";
	{ local $/; $data = <$in>; }
	my ($original, $used) = unpack 'qq', substr $data, 0, HEADER;
	my @records;
	my $at = HEADER;
	while ($at < $used)
	{
		my ($offset, $length) = unpack 'qq', substr $data, $at, 16;
		push @records, [ $offset, $length < 0 ? undef : substr $data, $at + 16, $length ];
		$at += 16 + ($length < 0 ? 0 : $length);
	}
	# whether a block had reached the disk is decided once
	my %kept;
	my $kept = sub { return $kept{ $_[0] } //= rand() < $chance; };
	open my $file, '+<:raw', $path or die "$path: $!";
	my $size = -s $file;
	my $end = $size;
	for my $block (int($original / BLOCK) .. int(($size - 1) / BLOCK))
	{
		$end = $block * BLOCK if !$kept->($block);
		last if $end < $size;
	}
	$end = $original if $end < $original && $size >= $original;
	# newest first, so that the oldest stands at last; what lay beyond a cut is void
	my $limit = $size;
	for my $record (reverse @records)
	{
		my ($offset, $old) = @$record;
		if (!defined $old)
		{
			$limit = $offset if $offset < $limit;
			next;
		}
		my $position = 0;
		while ($position < length $old)
		{
			my $here = $offset + $position;
			my $part = BLOCK - $here % BLOCK;
			$part = length($old) - $position if $part > length($old) - $position;
			if (!$kept->(int($here / BLOCK)) && $here + $part <= $limit)
			{
				sysseek $file, $here, 0;
				syswrite $file, substr($old, $position, $part);
				$lost++;
			}
			$position += $part;
		}
	}
	if ($end < $size)
	{
		truncate $file, $end;
		$lost++;
	}
	close $file;
	return $lost;
}

1;
