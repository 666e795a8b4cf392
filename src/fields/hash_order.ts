/**
 * The order in which sysdig walks the fds of a process. Its table is a chained hash table of the GNU C++ library,
 * whose walk begins with the entries added last; this replays the additions. Only lists printed side by side
 * with sysdig's need it.
 */

/** Sizes that the table grows through: the first prime of the library's list that is at least twice the last. */
const SIZES = [13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753, 42043, 85229, 172933];

interface Node {
  readonly key: number;
  next: Node | null;
}

/** Keys in walking order, given in the order of their addition. Keys are not negative. */
export function hashOrder(keys: Iterable<number>): number[] {
  let grown = 0;
  let size = SIZES[grown];
  let count = 0;
  const head: Node = { key: -1, next: null };
  // For each bucket the node before its first.
  let before = new Map<number, Node>();
  const link = (node: Node): void => {
    const bucket = node.key % size;
    const previous = before.get(bucket);
    if (previous !== undefined) {
      node.next = previous.next;
      previous.next = node;
      return;
    }
    node.next = head.next;
    head.next = node;
    // The bucket that began the list now begins behind this node.
    if (node.next !== null) before.set(node.next.key % size, node);
    before.set(bucket, head);
  };
  for (const key of keys) {
    if (count === size && grown + 1 < SIZES.length) {
      size = SIZES[++grown];
      before = new Map();
      let node = head.next;
      head.next = null;
      while (node !== null) {
        const next: Node | null = node.next;
        link(node);
        node = next;
      }
    }
    link({ key, next: null });
    count++;
  }
  const order: number[] = [];
  for (let node = head.next; node !== null; node = node.next) order.push(node.key);
  return order;
}
