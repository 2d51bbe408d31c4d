/** No fonts or pictures from elsewhere, and colours for light and dark surroundings. No character that XML would mind. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --paper: #ffffff; --line: #d1d9e0; --heat: #d9480f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9198a1; --paper: #0d1117; --line: #3d444d; --heat: #c2410c; }
}
body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin-bottom: 0; overflow-wrap: anywhere; }
h2 { margin-top: 2.5rem; }
.scroll { overflow-x: auto; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; margin: 0; }
.figures div { border: 1px solid var(--line); border-radius: 6px; padding: 0.6rem 0.8rem; }
.figures dt { color: var(--soft); font-size: 0.875rem; }
.figures dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.warnings li { margin-bottom: 0.4rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.7rem; text-align: right; }
th:first-child, .nodes td:nth-child(2), .nodes th:nth-child(2) { text-align: left; }
thead th { color: var(--soft); font-weight: 600; }
figure { margin: 0; }
figcaption, .note { color: var(--soft); font-size: 0.875rem; }
svg text { fill: var(--ink); font-size: 13px; text-anchor: middle; }
svg .small { font-size: 11px; }
svg .start { text-anchor: start; }
svg .end { text-anchor: end; }
.edges path { fill: none; stroke: var(--soft); }
.box { fill: var(--paper); stroke: var(--line); }
.heat { fill: var(--heat); }
.axis { stroke: var(--soft); }
.diagonal { stroke: var(--line); }
.point { fill: var(--heat); fill-opacity: 0.6; }
`;
