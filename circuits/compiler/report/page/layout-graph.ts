/** A node's place: its row from top to bottom, and its position in that row. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

const SWEEPS = 4;

/**
 * Layers a graph whose nodes come after everything that they take: each is one row below the lowest of those. Within a
 * row nodes stand near what they take and what takes them, by the mean of those positions (the barycenter method of
 * Sugiyama, Tagawa and Toda, 1981). Deterministic.
 */
export function layoutGraph(from: readonly (readonly number[])[]): readonly Place[] {
  const rows: number[] = [];
  for (const sources of from) rows.push(sources.reduce((row, source) => Math.max(row, (rows[source] ?? 0) + 1), 0));
  const levels: number[][] = [];
  rows.forEach((row, node) => (levels[row] ??= []).push(node));
  const takers = from.map((): number[] => []);
  from.forEach((sources, node) => {
    for (const source of sources) takers[source]?.push(node);
  });

  const columns = from.map(() => 0);
  const arrange = (level: number[]): void => level.forEach((node, column) => (columns[node] = column));
  levels.forEach(arrange);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const level of down ? levels : [...levels].reverse()) {
      const wish = new Map(level.map((node) => [node, meanColumn((down ? from : takers)[node] ?? [], node)] as const));
      arrange(level.sort((one, other) => (wish.get(one) ?? 0) - (wish.get(other) ?? 0) || one - other));
    }
  }
  return rows.map((row, node) => ({ row, column: columns[node] ?? 0 }));

  /** Where its neighbours are; where it is itself, without any. */
  function meanColumn(neighbours: readonly number[], node: number): number {
    if (neighbours.length === 0) return columns[node] ?? 0;
    return neighbours.reduce((sum, neighbour) => sum + (columns[neighbour] ?? 0), 0) / neighbours.length;
  }
}
