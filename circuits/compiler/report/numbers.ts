/** 1234567 as 1,234,567. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function percent(share: number, digits: number): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** 0.04 s, 12 s, 3 min. */
export function duration(seconds: number): string {
  if (seconds >= 120) return `${(seconds / 60).toFixed(0)} min`;
  return `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`;
}

/** In MB below one GB. */
export function memory(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
