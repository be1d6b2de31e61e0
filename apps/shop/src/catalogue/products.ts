/** What the shop sells. Part of the code: twelve things, no stock to count. Orders keep the name and price of their day. */
export type Product = { id: string; name: string; tagline: string; description: string; cents: number };

export const products: readonly Product[] = [
  {
    id: 'spare-key',
    name: 'The Spare Key',
    tagline: 'For the door you have not met yet.',
    description:
      'Cast iron, as long as your hand, and heavy enough to be missed when it is gone. It fits no lock we know of, which makes it the safest key in the house.',
    cents: 1400,
  },
  {
    id: 'watch-lantern',
    name: 'Watch Lantern',
    tagline: 'Walks the wall with you.',
    description:
      'A storm lantern with a glass that forgives a knock and a handle that stays cool. Burns one night on a cup of oil and never asks where you are going.',
    cents: 4900,
  },
  {
    id: 'watchman-mug',
    name: "Watchman's Mug",
    tagline: 'Holds exactly one cold hour.',
    description:
      'Thick stoneware, glazed the colour of four in the morning. Wide at the foot, so it stands where the wall slopes. Dishwasher safe; the watch is not.',
    cents: 1800,
  },
  {
    id: 'gate-bell',
    name: 'Gate Bell',
    tagline: 'Rings once and means it.',
    description:
      'A small bronze bell with a voice larger than its size. Comes with a leather pull and two screws. Neighbours sold separately.',
    cents: 3600,
  },
  {
    id: 'drawbridge-rope',
    name: 'Drawbridge Rope',
    tagline: 'Ten metres of certainty.',
    description:
      'Hemp, three strands, tarred at both ends. Ties, lifts, lowers, and smells faintly of harbours. It has never let anyone down by accident.',
    cents: 2700,
  },
  {
    id: 'tower-blanket',
    name: 'Tower Blanket',
    tagline: 'Stone floors, forgiven.',
    description:
      'Wool from sheep with a good view. Woven double, so the side against you is always the warm one. Large enough for two, if they are on speaking terms.',
    cents: 7900,
  },
  {
    id: 'log-book',
    name: "Gatekeeper's Log",
    tagline: 'Who came, who left, who knocked.',
    description:
      'Two hundred ruled pages, sewn so that the book lies flat. The first entry is the hardest; we have printed a small dot to get you started.',
    cents: 1600,
  },
  {
    id: 'moat-boots',
    name: 'Moat Boots',
    tagline: 'Dry to the knee, at least.',
    description:
      'Rubber boots with a proper heel and a loop to pull them on by. Tested in our own moat by people who had lost a bet.',
    cents: 5400,
  },
  {
    id: 'white-rook',
    name: 'The White Rook',
    tagline: 'A castle for the windowsill.',
    description:
      'One chess piece, turned from limewood, far too large for any board. Keeps papers in their place and looks down on nobody in particular.',
    cents: 2200,
  },
  {
    id: 'bees-candle',
    name: 'Six Candles',
    tagline: 'One for each quiet evening, and Sunday off.',
    description:
      'Beeswax, dipped by hand, eight hours each. They burn straight in a draught, which is the only kind of room we have been able to test them in.',
    cents: 2100,
  },
  {
    id: 'long-kettle',
    name: 'The Long Kettle',
    tagline: 'Boils while you say hello.',
    description:
      'Enamelled steel with a spout that pours where you point it. Whistles low, like someone who knows the way home.',
    cents: 4300,
  },
  {
    id: 'rain-umbrella',
    name: 'Battlement Umbrella',
    tagline: 'The roof you take along.',
    description:
      'Twelve ribs, a beech handle and a canopy wide enough for a quick change of guard. Turns inside out in a gale and back again without complaint.',
    cents: 3900,
  },
];

const byId = new Map(products.map((product) => [product.id, product]));

export function findProduct(id: string): Product | undefined {
  return byId.get(id);
}
