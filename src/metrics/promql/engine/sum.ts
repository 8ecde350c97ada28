/**
 * Sums that do not lose what is small beside what is large (Kahan and Neumaier): a sum and what it has
 * lost so far. The total is `sum + lost`.
 */
export class CompensatedSum {
  sum = 0;
  lost = 0;

  reset(sum = 0): void {
    this.sum = sum;
    this.lost = 0;
  }

  add(value: number): void {
    const total = this.sum + value;
    if (!Number.isFinite(total)) this.lost = 0;
    else if (Math.abs(this.sum) >= Math.abs(value)) this.lost += this.sum - total + value;
    else this.lost += value - total + this.sum;
    this.sum = total;
  }

  get total(): number {
    return Number.isFinite(this.sum) ? this.sum + this.lost : this.sum;
  }
}
