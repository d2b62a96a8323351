// random.mjs: a seeded source of choices.  The same seed gives the same
// requests on every machine.

export class Random {
	constructor(seed) {
		this.state = seed >>> 0;
	}

	// a number in [0, 1) (mulberry32)
	next() {
		this.state = (this.state + 0x6d2b79f5) >>> 0;
		let t = this.state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	}

	// an integer in [low, high]
	int(low, high) {
		return low + Math.floor(this.next() * (high - low + 1));
	}

	chance(probability) {
		return this.next() < probability;
	}

	pick(list) {
		return list[this.int(0, list.length - 1)];
	}

	// one of {weight: n, make: f}-like pairs [n, f], called
	weighted(pairs) {
		let total = 0;
		for (const [weight] of pairs)
			total += weight;
		let at = this.next() * total;
		for (const [weight, make] of pairs) {
			at -= weight;
			if (at < 0)
				return make();
		}
		return pairs[pairs.length - 1][1]();
	}

	// some elements of list, in its order
	some(list, probability) {
		return list.filter(() => this.chance(probability));
	}

	shuffle(list) {
		const copy = [...list];
		for (let i = copy.length - 1; i > 0; i--) {
			const j = this.int(0, i);
			[copy[i], copy[j]] = [copy[j], copy[i]];
		}
		return copy;
	}

	times(low, high, make) {
		return Array.from({length: this.int(low, high)}, make);
	}
}
