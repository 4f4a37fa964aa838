// Page/index.html as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let indexHTML = #"""
<!doctype html>
<!-- The frame of the page: landmarks and navigation. page.js puts the views into <main>. -->
<html lang="zh-Hans">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'">
<title>快报</title>
<link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body>
<a class="skip" href="#main" id="skip">跳到正文</a>
<header class="masthead">
<div class="masthead-inner">
<a class="brand" href="#/search">快报</a>
<nav id="navigation" aria-label="主导航">
<a href="#/search" data-view="search">检索</a>
<a href="#/watches" data-view="watches">关注</a>
<a href="#/collections" data-view="collections">集合</a>
<a href="#/inbox" data-view="inbox">收件</a>
<a href="#/dead" data-view="dead">死信</a>
<a href="#/status" data-view="status">状态</a>
</nav>
<button type="button" class="plain" id="language" lang="en">English</button>
</div>
</header>
<main id="main" tabindex="-1">
<noscript><p class="notice">本页需要 JavaScript。程序可以直接请求 <code>/v1/collections/bulletins/search?q=%E5%A4%8D%E5%B7%A5</code>。</p></noscript>
</main>
<footer class="footer"><p id="keys"></p></footer>
<div id="announcements" class="unseen" role="status" aria-live="polite"></div>
</body>
</html>

"""#
}
