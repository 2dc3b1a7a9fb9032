/** Of paper: A4, black on white, whole tables and charts on a page where they fit. */
export const DOSSIER_STYLE = `
@page { size: A4; margin: 16mm 15mm 18mm; }
* { box-sizing: border-box; }
body { font: 10.5pt/1.4 "Liberation Sans", "DejaVu Sans", Arial, sans-serif; color: #14181f; background: #fff; margin: 0; }
main { max-width: 180mm; margin: 0 auto; }
h1 { font-size: 20pt; margin: 0 0 2mm; } h2 { font-size: 13pt; margin: 7mm 0 2mm; border-bottom: 0.4mm solid #14213d; padding-bottom: 1mm; }
h3 { font-size: 10.5pt; margin: 4mm 0 1mm; } p { margin: 0 0 2mm; } ul { margin: 0 0 2mm; padding-left: 5mm; }
h2, h3 { break-after: avoid; } svg, .carpet, tr, dl > div, .keep { break-inside: avoid; }
.notice { border-left: 1mm solid #b5730e; background: #fdf6e9; padding: 2mm 3mm; }
.small { font-size: 9pt; color: #444c59; }
dl { display: grid; grid-template-columns: 1fr 1fr; gap: 0 8mm; margin: 0 0 2mm; }
dl > div { display: grid; grid-template-columns: 42% 1fr; gap: 2mm; padding: 0.8mm 0; border-bottom: 0.2mm solid #e4e6ea; }
dt { color: #444c59; } dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: 9pt; margin-bottom: 2mm; }
thead { display: table-header-group; }
th { text-align: left; vertical-align: bottom; color: #444c59; font-weight: 600; border-bottom: 0.4mm solid #b9bec7; }
th, td { padding: 1mm 2mm 1mm 0; } td { vertical-align: top; border-bottom: 0.2mm solid #e4e6ea; }
.number { white-space: nowrap; font-variant-numeric: tabular-nums; text-align: right; padding-right: 4mm; width: 18mm; }
.total tr:last-child td { font-weight: 700; border-top: 0.4mm solid #14213d; }
.mono, pre { font-family: "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: 7.5pt; overflow-wrap: anywhere; word-break: break-all; }
pre { white-space: pre-wrap; background: #f5f6f8; padding: 2mm; margin: 0 0 2mm; }
svg { width: 100%; height: auto; display: block; } svg text { font-size: 13px; fill: #444c59; font-family: inherit; }
.carpet { width: 110mm; } .carpet img { width: 110mm; image-rendering: pixelated; display: block; border: 0.2mm solid #b9bec7; }
.hours { display: flex; justify-content: space-between; font-size: 8pt; color: #444c59; }
.key { display: flex; align-items: center; gap: 0.5mm; font-size: 8pt; color: #444c59; } .key i { width: 6mm; height: 3mm; display: inline-block; } .key span { margin: 0 1.5mm; }
.checkpoint { display: grid; grid-template-columns: 38mm 1fr; gap: 4mm; align-items: start; }
@media screen { body { padding: 8mm; } }
@media screen and (max-width: 640px) { dl { grid-template-columns: 1fr; } .carpet, .carpet img { width: 100%; } .checkpoint { grid-template-columns: 1fr; } table { display: block; overflow-x: auto; } }
`;
