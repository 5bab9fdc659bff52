// A list of which only the rows are in the document that can be seen, so that 50,000 cost no more than 50.

//: How many rows more than can be seen are made above and below.
const MARGIN = 10;

class RollingList {
  /**
   * `makeRow(index)` makes an element; all rows have the height that `rowHeight()` says. `afterFill()` is called whenever
   * other rows may be seen.
   */
  constructor(scroller, rowHeight, makeRow, afterFill = () => {}) {
    this.scroller = scroller;
    this.rowHeight = rowHeight;
    this.makeRow = makeRow;
    this.afterFill = afterFill;
    this.count = 0;
    this.kept = -1; // a row that stays in the document wherever the list is scrolled: the one that has the focus
    this.made = new Map();
    this.space = make("div", { class: "space", role: "presentation" });
    scroller.append(this.space);
    scroller.addEventListener("scroll", onceAFrame(() => this.fill()), { passive: true });
    new ResizeObserver(onceAFrame(() => this.fill())).observe(scroller);
  }

  /** Begins anew, with `count` rows. */
  show(count) {
    this.count = count;
    this.height = this.rowHeight();
    this.space.style.height = `${count * this.height}px`;
    this.redraw();
  }

  /** Makes the rows anew that can be seen. */
  redraw() {
    this.space.replaceChildren();
    this.made.clear();
    this.fill();
  }

  /** Takes rows out that are not seen any more, and makes those that are. */
  fill() {
    const { scrollTop, clientHeight } = this.scroller;
    const first = Math.max(0, Math.floor(scrollTop / this.height) - MARGIN);
    const end = Math.min(this.count, Math.ceil((scrollTop + clientHeight) / this.height) + MARGIN);
    const isWanted = (index) => (index >= first && index < end) || index === this.kept;
    for (const [index, row] of this.made) {
      if (isWanted(index)) continue;
      row.remove();
      this.made.delete(index);
    }
    for (let index = first; index < end; index++) this.place(index);
    if (this.kept >= 0 && this.kept < this.count) this.place(this.kept);
    this.afterFill();
  }

  /** Puts a row where it belongs among its siblings, because that is the order in which it is read aloud. */
  place(index) {
    if (this.made.has(index)) return;
    const row = this.makeRow(index);
    row.style.top = `${index * this.height}px`;
    row.dataset.index = index;
    let after = this.space.lastElementChild;
    while (after && Number(after.dataset.index) > index) after = after.previousElementSibling;
    if (after) after.after(row);
    else this.space.prepend(row);
    this.made.set(index, row);
  }

  /** Scrolls so that a row can be seen: no more than it takes, or until it stands in the middle. */
  bring(index, isInTheMiddle = false) {
    const top = index * this.height;
    const { scrollTop, clientHeight } = this.scroller;
    const room = clientHeight - this.height;
    if (top >= scrollTop && top <= scrollTop + room) return;
    this.scroller.scrollTop = isInTheMiddle ? top - room / 2 : top < scrollTop ? top : top - room;
    this.fill();
  }

  /** Brings a row, and keeps it in the document. */
  reveal(index, isInTheMiddle = false) {
    this.kept = index;
    this.bring(index, isInTheMiddle);
    this.fill();
  }
}
