"""How the report of a dub looks: light and dark, wide and narrow, on paper."""

STYLE = """
:root{color-scheme:light dark;--paper:#fbfaf8;--card:#fff;--ink:#1d1c1a;--faint:#67645e;--line:#dcd8d0;--slot:#e9e5dc;
--old:#a9a399;--new:#0b6e8f;--good:#1d7a3e;--look:#8a5a00;--bad:#b3261e;--borrowed:#3d7ea6;--faster:#b0793a;
--stretched:#7a5ea8;--shorter:#a8527f;--focus:#0b6e8f}
@media(prefers-color-scheme:dark){:root{--paper:#151513;--card:#1d1d1a;--ink:#eceae5;--faint:#a39f97;--line:#37352f;
--slot:#2c2a26;--old:#77736b;--new:#5cc0e0;--good:#6fcf8e;--look:#e2b354;--bad:#ff8a80;--borrowed:#6fb5dd;
--faster:#e0a866;--stretched:#b79be6;--shorter:#ea9cc4;--focus:#5cc0e0}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:2rem 1.25rem 5rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:break-word}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2.5rem 0 .6rem}p{margin:.25rem 0}
a{color:inherit}.faint{color:var(--faint)}:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
code{font:13px ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
pre{margin:.3rem 0;padding:.5rem .75rem;background:var(--slot);border-radius:6px;white-space:pre-wrap}
dl.totals{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.75rem;margin:1.25rem 0 0}
dl.totals div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.6rem .8rem}
dt{color:var(--faint);font-size:.82rem}dd{margin:0;font-variant-numeric:tabular-nums}
dl.totals dd{font-size:1.2rem;font-weight:600}dl.totals small{display:block;font-size:.8rem;font-weight:400;
color:var(--faint)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:0 2.5rem}
table{border-collapse:collapse;width:100%}th,td{text-align:start;padding:.25rem .75rem .25rem 0;vertical-align:top;
border-bottom:1px solid var(--line)}th{font-weight:400}td.number{text-align:end;white-space:nowrap;padding-inline-end:0;
font-variant-numeric:tabular-nums}
.bar{display:block;height:4px;border-radius:2px;background:var(--new);margin-top:2px}
svg{display:block}svg text{font-size:12px;fill:var(--faint)}.scroll{overflow-x:auto}
.staff{width:100%;min-width:46rem;height:auto;margin-bottom:.4rem;content-visibility:auto;
contain-intrinsic-size:auto 116px}
.grid{stroke:var(--line)}.old{fill:var(--old)}.new{fill:var(--new)}.slot{fill:var(--slot)}
.staff .slot{stroke:var(--line)}.staff .slot.out{stroke:var(--fit);stroke-dasharray:3 2}
.fits{--fit:var(--good)}.borrowed{--fit:var(--borrowed)}.faster{--fit:var(--faster)}.stretched{--fit:var(--stretched)}
.shorter{--fit:var(--shorter)}.silent{--fit:var(--faint)}.failed{--fit:var(--bad)}
.spoken{fill:var(--fit)}.staff .spoken+text{fill:var(--paper);font-weight:600}
.keys{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;color:var(--faint);font-size:.85rem;margin:.3rem 0 .6rem}
.key::before{content:"";display:inline-block;width:.8rem;height:.8rem;border-radius:3px;margin-inline-end:.4rem;
vertical-align:-.1rem;background:var(--fit)}.key.voice::before{background:var(--old)}
.key.room::before{background:var(--slot);border:1px solid var(--line)}
.filtered>input{width:1.1rem;height:1.1rem;margin:0 .5rem 0 0;vertical-align:-.2rem}
.filtered>label{cursor:pointer}
ol.lines{list-style:none;margin:0;padding:0}
ol.lines>li{display:grid;grid-template-columns:8.5rem minmax(0,1fr) 17rem;gap:.25rem 1.25rem;padding:.9rem 0;
border-bottom:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 150px;scroll-margin-top:3rem}
ol.lines>li:target{background:var(--slot);box-shadow:-.6rem 0 var(--slot),.6rem 0 var(--slot)}
#only-notes:checked~ol.lines>li:not(.look){display:none}
.number{font-variant-numeric:tabular-nums}.place b{font-size:1.15rem}.place{font-size:.85rem;color:var(--faint)}
.place b,.place .who{color:var(--ink)}.badge{display:inline-block;border:1px solid var(--fit);color:var(--fit);
border-radius:1rem;padding:0 .55rem;font-size:.8rem;white-space:nowrap}
.source{color:var(--faint)}.target{font-size:1.08rem;margin:.1rem 0 .3rem}
.facts{display:flex;flex-wrap:wrap;gap:0 1.1rem;color:var(--faint);font-size:.85rem;font-variant-numeric:tabular-nums}
.facts b{font-weight:600;color:var(--ink)}ul.notes{margin:.35rem 0 0;padding-inline-start:1.1rem;color:var(--look);
font-size:.9rem}li.failed ul.notes{color:var(--bad)}
.wave{width:100%;height:56px;border-radius:4px}audio{width:100%;height:36px;margin-top:.35rem;display:block}
@media(max-width:52rem){ol.lines>li{grid-template-columns:minmax(0,1fr)}.place{display:flex;flex-wrap:wrap;
gap:.1rem .8rem;align-items:baseline}body{padding:1.25rem 1rem 4rem}dl.totals{grid-template-columns:repeat(2,1fr)}}
@media print{body{max-width:none}audio,.filtered>input,.filtered>label{display:none}}
"""
