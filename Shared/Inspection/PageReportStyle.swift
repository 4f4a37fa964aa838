// The look and the little behaviour of the page report. Colours meet 4.5:1 for text in both schemes.

/// Style sheet and script of the page report.
enum PageReportStyle {
    static let sheet = """
        :root{color-scheme:light dark;--ground:#f6f7f8;--paper:#fff;--ink:#1b1f23;--soft:#5d6771;--line:#dfe3e7;
        --accent:#1d4f91;--warn:#855000;--warnw:#fdf1d8;--bad:#ab2416;
        --date:#0b6a80;--datew:#d8f1f6;--dep:#8a3077;--depw:#f8e3f3;--src:#1b6b3f;--srcw:#dcf3e4;--fig:#8a5300;--figw:#fdeccb;
        --ev:#3f5f9c;--evw:#e3ebfa;--qa:#5c4db1;--qaw:#f1eefc;
        --c0:#2f6fb5;--c1:#b4562f;--c2:#3d8a5a;--c3:#8a4fa8;--c4:#a8831d;--c5:#2c8c93;
        --sans:-apple-system,"Segoe UI","PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",
        "Source Han Sans SC","WenQuanYi Micro Hei",sans-serif}
        @media(prefers-color-scheme:dark){:root{--ground:#15181b;--paper:#1c2024;--ink:#e4e7ea;--soft:#a3adb6;--line:#31373d;
        --accent:#92bbf0;--warn:#f0c26c;--warnw:#382c13;--bad:#ff9f93;
        --date:#7cd3e6;--datew:#12353d;--dep:#eea3dc;--depw:#3c1f36;--src:#83d3a5;--srcw:#173524;--fig:#f2c277;--figw:#3a2b10;
        --ev:#a9c3f5;--evw:#1f2c47;--qa:#c3b8ff;--qaw:#2a2545;
        --c0:#6aa5e6;--c1:#e08a62;--c2:#6fc08c;--c3:#c78be3;--c4:#dcb64f;--c5:#63c5cc}}
        *{box-sizing:border-box}html{height:100%}
        body{margin:0;height:100%;display:flex;flex-direction:column;background:var(--ground);color:var(--ink);
        font:15px/1.7 var(--sans)}
        header{padding:.9rem 1.25rem .6rem;background:var(--paper);border-bottom:1px solid var(--line)}
        .top{display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;align-items:baseline}
        h1{font-size:1.15rem;margin:0;overflow-wrap:anywhere}
        .facts{margin:0;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;color:var(--soft);font-size:.87rem}
        .fact b{color:var(--ink);font-weight:600}.fact.bad b,.fact.bad{color:var(--bad)}
        i[lang]{font-style:normal}[data-words=zh] i[lang=en],[data-words=en] i[lang=zh]{display:none}
        html:not([data-words]) i[lang=en]{margin-left:.3em}
        .strip{display:flex;gap:1px;height:1.1rem;margin:.55rem 0 .5rem;border-radius:4px;overflow:hidden;
        background:var(--ground)}
        .strip a{min-width:2px;flex-basis:0;background:var(--line)}.strip a:hover{filter:brightness(1.15)}
        .strip .item{background:var(--c)}.strip .heading{background:var(--ink)}
        .legend{display:flex;flex-wrap:wrap;gap:.3rem .6rem;align-items:center;font-size:.8rem}
        .legend .d{color:var(--soft);text-decoration:line-through}
        .tools{margin-left:auto;color:var(--soft);display:flex;gap:.8rem;align-items:center}
        button{font:inherit;color:var(--accent);background:none;border:1px solid var(--line);border-radius:4px;
        padding:0 .5rem;cursor:pointer}
        .f{border-radius:3px;padding:0 .12em}
        .published{background:var(--datew);color:var(--date)}.event{background:var(--evw);color:var(--ev)}
        .department{background:var(--depw);color:var(--dep)}.source{background:var(--srcw);color:var(--src)}
        .figure{background:var(--figw);color:var(--fig)}.legend .question{background:var(--qaw);color:var(--qa)}
        pre .question{padding:0;box-shadow:inset 0 -1px var(--qa)}
        .c0{--c:var(--c0)}.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}.c4{--c:var(--c4)}.c5{--c:var(--c5)}
        main{flex:1;min-height:0;display:grid;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr)}
        .original,.items{overflow-y:auto;overscroll-behavior:contain;scroll-behavior:smooth}
        .original{background:var(--paper);border-right:1px solid var(--line);padding:1rem 0}
        .original pre{margin:0;font:15px/1.85 var(--sans);white-space:pre-wrap;overflow-wrap:anywhere}
        .seg.item{display:block;border-left:4px solid var(--c);padding:.1rem 1.25rem .1rem .9rem;margin:.35rem 0;cursor:pointer}
        .seg.item.on{background:color-mix(in srgb,var(--c) 9%,transparent)}
        .seg.heading{display:block;padding:.1rem 1.25rem;margin:.6rem 0 .2rem;font-weight:700}
        .seg.discard{color:var(--soft);font-size:.84em;line-height:1.5}
        .seg.discard.words::after{content:"\\2002"}
        .run:has(.discard){padding:0 1.25rem;line-height:1.5;max-height:4.6em;overflow:hidden;cursor:pointer;margin:.3rem 0}
        .run:has(.discard):hover{background:var(--ground)}.run.whole:has(.discard),[data-markup] .run:has(.discard)
        {max-height:none}
        .tag{float:right;margin-left:.6rem;font-size:.72rem;line-height:1.5;font-weight:600;color:var(--soft);
        border-radius:3px;padding:0 .4rem;border:1px solid var(--line);background:var(--paper)}
        .tag a,a.tag{color:inherit;text-decoration:none}
        .item .tag{color:var(--paper);background:var(--c);border-color:var(--c);min-width:1.6rem;text-align:center}
        h2 .tag{float:none;margin:0 .2rem 0 0;vertical-align:.12em}
        .tag.fold{font-weight:400}
        .m{display:none}[data-markup] .m{display:inline;color:var(--soft);opacity:.75;font-size:.8em}
        .l:first-of-type,[data-markup] .l{display:none}.discard .l{display:none}
        .items{padding:1rem 1.25rem 40vh}
        .card{background:var(--paper);border:1px solid var(--line);border-left:4px solid var(--c);border-radius:6px;
        padding:.75rem 1rem .6rem;margin:0 0 .9rem;scroll-margin-top:1rem}
        .card.on{box-shadow:0 0 0 2px color-mix(in srgb,var(--c) 45%,transparent)}
        h2{font-size:1.02rem;line-height:1.5;margin:0 0 .4rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;margin:0 0 .4rem;font-size:.87rem}
        dt{color:var(--soft)}dd{margin:0}.soft{color:var(--soft);font-size:.95em}
        meter{width:2.6rem;height:.5rem;margin-left:.5rem;vertical-align:.08em}
        .warn{display:inline-block;background:var(--warnw);color:var(--warn);border-radius:3px;padding:0 .5rem;margin:.1rem 0;
        font-size:.84rem}
        .card p{margin:.25rem 0;font-size:.87rem}.chip{border:1px solid var(--line);border-radius:3px;padding:0 .35rem;
        display:inline-block;margin:.05rem 0}
        table{border-collapse:collapse;width:100%;font-size:.84rem;margin:.35rem 0}caption{text-align:left;color:var(--soft)}
        td{border-top:1px solid var(--line);padding:.1rem .5rem .1rem 0;vertical-align:top}
        td.n{white-space:nowrap;font-variant-numeric:tabular-nums;color:var(--fig)}
        details{font-size:.87rem;margin:.25rem 0}summary{cursor:pointer}.body summary{color:var(--soft)}
        .qa summary{color:var(--qa)}details p{white-space:pre-wrap;margin:.3rem 0 .3rem 1rem}
        :focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
        @media(max-width:52rem){body{height:auto}main{display:block}.original,.items{overflow:visible}}
        @media print{body{height:auto}.original,.items{overflow:visible}.tools{display:none}}
        @media(prefers-reduced-motion:reduce){.original,.items{scroll-behavior:auto}}
        """

    static let script = """
        const page=document.documentElement;
        page.dataset.words=navigator.language.startsWith('zh')?'zh':'en';
        document.getElementById('language').onclick=()=>{page.dataset.words=page.dataset.words==='zh'?'en':'zh'};
        document.getElementById('markup').onchange=e=>{page.toggleAttribute('data-markup',e.target.checked)};
        const all=n=>document.querySelectorAll('[data-item="'+n+'"]');
        function choose(n,from){document.querySelectorAll('.on').forEach(e=>e.classList.remove('on'));
        all(n).forEach(e=>{e.classList.add('on');
        if(e!==from){const p=e.closest('.original,.items');p.scrollTo({top:e.offsetTop-p.offsetTop-12})}})}
        document.querySelectorAll('[data-item]').forEach(e=>e.addEventListener('click',x=>{
        if(x.target.closest('summary,details p')||String(getSelection()))return;
        if(x.target.closest('a'))x.preventDefault();choose(e.dataset.item,e)}));
        document.querySelectorAll('.run').forEach(e=>e.addEventListener('click',()=>e.classList.toggle('whole')));
        """
}
