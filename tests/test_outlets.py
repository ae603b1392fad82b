"""Outlets: a page invented in each one's markup gives its title, minute, author and words, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest

from crawler.decode import decode
from crawler.outcomes import LayoutChanged, NotAnArticle
from crawler.platforms import extract, platform_of, platforms, recognise
from data.records import KST, kst_text
from tests.conftest import SavedPage

FETCHED = datetime(2026, 9, 1, 10, 0, tzinfo=KST)
FIRST, LAST = "지하 전기실에서 연기가 올랐다.", "복구 시각은 아직 알려지지 않았다."
CLOSING = "<p>hong@paper.example</p><p>&lt;저작권자(c) 가나, 무단 전재-재배포 금지&gt;</p><p>제보는 카카오톡 gana</p>"


@dataclass(frozen=True)
class Case:
    """An invented page: its address, what stands in its head and body, and what a reader has to find."""

    name: str
    url: str
    head: str
    body: str
    published: str
    author: str
    modified: str | None = None
    title: str = "멈춘 서버실의 하루"
    source: str = "visible"

    @property
    def html(self) -> str:
        return f"<html><head>{self.head}</head><body><nav>오늘의 많이 본 뉴스</nav>{self.body}</body></html>"


def og(title: str, site: str, *metas: str) -> str:
    named = f'<meta property="og:type" content="article"><meta property="og:title" content="{title}">'
    return named + f'<meta property="og:site_name" content="{site}">' + "".join(metas)


def meta(name: str, value: str) -> str:
    return f'<meta property="{name}" content="{value}">'


def json_ld(headline: str, published: str, modified: str, author: str) -> str:
    said = {"@type": "NewsArticle", "headline": headline, "datePublished": published, "dateModified": modified}
    return f'<script type="application/ld+json">{json.dumps({**said, "author": {"name": author}})}</script>'


def arc(**story: object) -> str:
    story = {"type": "story", "headlines": {"basic": "멈춘 서버실의 하루"}} | story
    script = (
        f"window.Fusion=window.Fusion||{{}};Fusion.globalContent={json.dumps(story)};Fusion.globalContentConfig={{}}"
    )
    return f'<script id="fusion-metadata" type="application/javascript">{script}</script><div id="fusion-app"></div>'


ELEMENTS = [
    {"type": "image", "caption": "사진 설명"},
    {"type": "text", "content": f"{FIRST}"},
    {"type": "interstitial_link", "content": "다른 기사 제목"},
    {"type": "raw_html", "content": "<div>광고 글</div>"},
    {"type": "quote", "content_elements": [{"type": "text", "content": "“<b>끊</b>겼다”고 했다."}]},
    {"type": "text", "content": f"{LAST}"},
]
QUOTED = "“끊겼다”고 했다."
WORDS = [FIRST, QUOTED, LAST]
P = [f"<p>{line}</p>" for line in WORDS]

CASES = [
    Case(
        "yonhap",
        "https://www.yna.co.kr/view/AKR20221015054300017",
        og("멈춘 서버실의 하루 | 연합뉴스", "연합뉴스"),
        f"""<h1 class="tit01">멈춘 서버실의 하루</h1><div class="update-time" data-published-time="2022-10-15 18:31">
        <p class="txt-time01">송고2022-10-15 18:31</p></div><div class="writer"><strong class="tit-name">홍길동 기자</strong></div>
        <div class="story-news article"><div class="summary-box"><p>기계가 만든 요약 세 줄</p></div>{P[0]}
        <div class="comp-box photo-group"><p class="txt-desc">사진 설명</p></div>{P[1]}<aside><p>다른 기사 제목</p></aside>{P[2]}
        <p>hong@paper.example</p><p class="txt-copyright">저작권자(c) 가나, 무단 전재-재배포 금지</p></div>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
    ),
    Case(
        "yonhap",
        "https://m.yna.co.kr/kr/contents/?cid=AKR20170420094500060&site=0100",
        og("멈춘 서버실의 하루", "연합뉴스"),
        f"""<div id="articleWrap"><h1>멈춘 서버실의 하루</h1><div class="article"><div class="stit"><strong><b>작은 제목</b></strong></div>
        {"".join(P)}<p class="adrs"><span class="cprgt">저작권자 가나</span><span class="pblsh">2017/04/20 15:53 송고</span></p></div></div>""",
        "2017-04-20T15:53+09:00",
        "연합뉴스",
    ),
    Case(
        "chosun",
        "https://www.chosun.com/economy/tech_it/2022/10/15/ABCDEFGHIJKLMNOPQRSTUVWXYZ/?outputType=amp",
        og("멈춘 서버실의 하루", "조선일보"),
        arc(
            content_elements=ELEMENTS,
            credits={"by": [{"name": "홍길동 기자"}]},
            display_date="2022-10-15T09:31:00Z",
            last_updated_date="2022-10-15T11:00:00Z",
        )
        + '<section class="article-body"></section>',
        "2022-10-15T18:31+09:00",
        "홍길동",
        "2022-10-15T20:00+09:00",
        source="script:display_date",
    ),
    Case(
        "chosun",
        "https://biz.chosun.com/it-science/ict/2022/10/15/ABCDEFGHIJKLMNOPQRSTUVWXYZ/",
        og("멈춘 서버실의 하루 - 조선비즈", "조선비즈"),
        f"""<h1 class="article-header__headline">멈춘 서버실의 하루</h1><div class="article-byline"><a class="article-byline__author">홍길동 기자</a></div>
        <span class="inputDate">입력 2022.10.15. 18:31</span><span class="upDate">업데이트 2022.10.15. 20:00</span>
        <section class="article-body">{P[0]}<figure><figcaption>사진 설명</figcaption></figure>{P[1]}<div class="dfpAd">광고 글</div>{P[2]}</section>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
        "2022-10-15T20:00+09:00",
    ),
    Case(
        "chosun",
        "http://m.chosun.com/svc/article.html?contid=2020082704301",
        og("멈춘 서버실의 하루 - 조선닷컴", "조선닷컴"),
        f"""<h1 id="news_title_text_id">멈춘 서버실의 하루</h1><div class="news_title_author"><a>홍길동 기자</a></div>
        <div id="news_body_id"><div class="news_date">입력 2020.08.27 20:27 | 수정 2020.08.27 21:00</div><div class="par">{P[0]}</div>
        <div class="par">{P[1]}</div><div class="news_imgbox"><p>사진 설명</p></div><div class="par">{P[2]}</div><div id="keyword">낱말</div></div>""",
        "2020-08-27T20:27+09:00",
        "홍길동",
        "2020-08-27T21:00+09:00",
    ),
    Case(
        "joongang",
        "https://www.joongang.co.kr/amparticle/25109397",
        og("멈춘 서버실의 하루 | 중앙일보", "중앙일보"),
        f"""<header><h1 class="headline">멈춘 서버실의 하루</h1><div class="datetime"><time itemprop="datePublished" datetime="2022-10-15T18:31:00+09:00">
        2022.10.15 18:31</time><p class="date">업데이트 <time itemprop="dateModified" datetime="2022-10-15T20:00:00+09:00">2022.10.15 20:00</time></p></div>
        <div class="byline"><a>홍길동 기자</a></div></header><div class="article_body" id="article_body"><p data-divno="1">{FIRST}</p>
        <div class="ab_photo photo_center"><p class="caption">사진 설명</p></div><p data-divno="2">{QUOTED}</p><p>ADVERTISEMENT</p>
        <p data-divno="3">{LAST}</p><p data-divno="4">홍길동 기자 hong@paper.example</p></div>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
        "2022-10-15T20:00+09:00",
    ),
    Case(
        "joongang",
        "http://news.joins.com/article/21497320",
        og("멈춘 서버실의 하루", "중앙일보"),
        f"""<div class="article_head"><h1 class="headline">멈춘 서버실의 하루</h1><div class="byline"><em>[중앙일보] 입력 2017.04.20 15:53</em>
        <em>수정 2017.04.20 16:00</em></div></div><div id="article_body">{FIRST}<br><br>{QUOTED}<div class="ab_photo"><p>사진 설명</p></div><br>{LAST}<br>
        <div id="relation_news">다른 기사 제목</div>홍길동 기자 hong@paper.example</div>""",
        "2017-04-20T15:53+09:00",
        "홍길동",
        "2017-04-20T16:00+09:00",
    ),
    Case(
        "hani",
        "https://www.hani.co.kr/arti/economy/it/1062868.html",
        og("멈춘 서버실의 하루", "한겨레", meta("article:author", "https://www.facebook.com/hankyoreh")),
        f"""<h3 class="ArticleDetailView_title__9kRU_">멈춘 서버실의 하루</h3><div class="ArticleDetailView_reporterList__waOKp"><a>홍길동</a>기자</div>
        <ul class="ArticleDetailView_dateList__tniXJ"><li class="ArticleDetailView_dateListItem__mRc3d">수정 <span>2022-10-15 20:00</span></li>
        <li class="ArticleDetailView_dateListItem__mRc3d">등록 <span>2022-10-15 18:31</span></li></ul><div class="article-text">
        <div class="ArticleDetailContent_imageContainer__o8GzH"><p class="ArticleDetailContent_figcaption__Aq2sU">사진 설명</p></div>
        <p class="text">{FIRST}</p><p class="text">{QUOTED}</p><div class="ArticleDetailContent_adWrap__bbb">광고 글</div><p class="text">{LAST}</p>
        <p class="text">홍길동 기자 <a href="mailto:hong@paper.example">hong@paper.example</a></p></div>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
        "2022-10-15T20:00+09:00",
    ),
    Case(
        "hani",
        "http://2014vote.hani.co.kr/arti/opinion/editorial/1063055.html",
        og("멈춘 서버실의 하루", "인터넷한겨레"),
        f"""<div id="article_view_headline"><h4><span class="title">멈춘 서버실의 하루</span></h4><p class="date-time"><span><em>등록</em> 2022-10-17 18:15</span><span><em>수정</em> 2022-10-18 16:14</span></p></div>
        <div class="article-text"><div class="subtitle">작은 제목</div><div class="text"><div class="image-area"><div class="desc">사진 설명</div></div>
        {FIRST}<br><br>{QUOTED}<br><br>{LAST}</div><div class="relation2-area">다른 기사 제목</div></div>""",
        "2022-10-17T18:15+09:00",
        "한겨레",
        "2022-10-18T16:14+09:00",
    ),
    Case(
        "hankook",
        "https://www.hankookilbo.com/news/article/A2026071220290000630",
        og("멈춘 서버실의 하루-사회ㅣ한국일보", "한국일보")
        + json_ld("멈춘 서버실의 하루", "2026-07-12T22:09:00+09:00", "2026-07-12T22:23:00+09:00", "홍길동 기자 외 1명"),
        f'<h1>멈춘 서버실의 하루</h1><div class="end-body"><div class="sub-tit-ll">작은 제목</div>{P[0]}{P[1]}<div class="end-ad-container">광고 글</div>{P[2]}</div>',
        "2026-07-12T22:09+09:00",
        "홍길동 외 1명",
        "2026-07-12T22:23+09:00",
        source="json-ld",
    ),
    Case(
        "hankook",
        "https://www.hankookilbo.com/news/article/amp/A2026012914320005196",
        og("멈춘 서버실의 하루", "한국일보"),
        r"""<script>push({"contentHtml":"<p>다른 글\u003c/p>","deployDt":"2026.01.29 18:40","reDeployDt":"2026.01.29 18:49","contentHtml":
        "<p class=\"editor-p\">지하 전기실에서 연기가 올랐다.\u003c/p>$$ARTICLEAD$$<p>“\u003cb>끊\u003c/b>겼다”고 했다.</p><p>복구 시각은 아직 알려지지 않았다.</p>"})</script>""",
        "2026-01-29T18:40+09:00",
        "한국일보",
        "2026-01-29T18:49+09:00",
        source="script:deployDt",
    ),
    Case(
        "hankook",
        "https://m.hankookilbo.com/News/Read/A2022101518310004328",
        og(
            "멈춘 서버실의 하루 | 한국일보",
            "한국일보",
            meta("dable:author", "순천, 광양 홍길동 기자 hong@paper.example"),
        )
        + json_ld("멈춘 서버실의 하루", "2022-10-15T18:31:00.000+0900", "", ""),
        f'<h1>멈춘 서버실의 하루</h1><div itemprop="articleBody">{P[0]}<div class="editor-img-box"><div class="caption">사진 설명</div></div>{P[1]}{P[2]}</div>',
        "2022-10-15T18:31+09:00",
        "홍길동",
        source="json-ld",
    ),
    Case(
        "donga",
        "https://www.donga.com/news/It/article/all/20221015/115977000/1",
        og("멈춘 서버실의 하루", "동아일보"),
        f"""<section class="head_group"><h1>멈춘 서버실의 하루</h1><ul class="news_info"><li>동아일보</li><li>입력 2022년 10월 15일 18시 31분</li>
        <li>업데이트 2022년 10월 15일 20시 00분</li></ul></section><div class="author_info"><a>홍길동 기자</a></div><section class="news_view">
        <h2 class="sub_tit">작은 제목</h2>{FIRST}<br><br><figure class="img_cont"><figcaption>사진 설명</figcaption></figure>{QUOTED}<div class="view_m_adA">광고 글</div><br><br>{LAST}
        <div class="view_ad06">광고 글</div></section>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
        "2022-10-15T20:00+09:00",
    ),
    Case(
        "donga",
        "https://bizn.donga.com/List/3/0112/20221015/115977000/2",
        og("멈춘 서버실의 하루", "동아일보"),
        f"""<div class="article_title"><h1 class="title">멈춘 서버실의 하루</h1><div class="title_foot"><span class="date01">입력 2022-10-15 18:31</span>
        <span class="date01">수정 2022-10-15 20:00</span></div></div><div class="article_txt"><div class="articlePhotoC">사진 설명</div>{FIRST}<br>{QUOTED}<br>
        <div class="txt_ad">광고 글</div>{LAST}<div class="article_relation">다른 기사 제목</div><br>홍길동 기자 hong@paper.example</div>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
        "2022-10-15T20:00+09:00",
    ),
    Case(
        "mk",
        "https://www.mk.co.kr/news/it/10490001",
        og("멈춘 서버실의 하루 - 매일경제", "매일경제", meta("article:published_time", "2022-10-15T18:31:00+09:00")),
        f"""<h2 class="news_ttl">멈춘 서버실의 하루</h2><li class="author">홍길동 기자</li><dl class="registration"><dt>입력 :</dt><dd>2022-10-15 18:31:00</dd>
        <dt>수정 :</dt><dd>2022-10-15 20:00:00</dd></dl><div class="news_cnt_detail_wrap" itemprop="articleBody"><div class="midtitle_text">작은 제목</div>
        <div class="thumb_area img"><span class="thum_figure_txt">사진 설명</span></div>{P[0]}{P[1]}<div class="ad_wrap">광고 글</div>{P[2]}
        <p>[ⓒ 매일경제 &amp; mk.co.kr, 무단전재 및 재배포 금지]</p></div>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
        "2022-10-15T20:00+09:00",
        source="meta:article:published_time",
    ),
    Case(
        "mk",
        "https://news.mk.co.kr/newsRead.php?year=2019&no=123456",
        og("멈춘 서버실의 하루 - 매일경제", "매일경제"),
        f"""<h1 class="top_title">멈춘 서버실의 하루</h1><div class="news_title_author"><li class="author">홍길동</li><li class="lasttime">입력 : 2019.03.01 10:20:30&nbsp;&nbsp;수정 : 2019.03.01 11:00:00</li></div>
        <div id="article_body"><div class="art_txt">{FIRST}<br><br>{QUOTED}<br><br><div id="google_dfp_MC_250x250">광고 글</div>{LAST}<br>[홍길동 기자]<br>[ⓒ 매일경제, 무단전재 및 재배포 금지]</div></div>""",
        "2019-03-01T10:20:30+09:00",
        "홍길동",
        "2019-03-01T11:00+09:00",
    ),
    Case(
        "hankyung",
        "https://www.hankyung.com/it/article/202210150801Y",
        og("멈춘 서버실의 하루 | 한국경제", "한국경제"),
        f"""<h1 class="headline">멈춘 서버실의 하루</h1><div class="author"><a>홍길동 기자</a></div><div class="article-timestamp"><div class="datetime">
        <span>입력<span class="txt-date">2022.10.15 18:31</span></span><span>수정<span class="txt-date">2022.10.15 20:00</span></span></div></div>
        <div class="article-body" id="articletxt" itemprop="articleBody">{FIRST}<br><br><figure class="article-figure"><figcaption>사진 설명</figcaption></figure>{QUOTED}<br><br>{LAST}<br><br>홍길동 기자 hong@paper.example</div>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
        "2022-10-15T20:00+09:00",
    ),
    Case(
        "hankyung",
        "http://news.hankyung.com/article/201703014444g",
        og("멈춘 서버실의 하루", "한경닷컴"),
        f"""<h1 class="title">멈춘 서버실의 하루</h1><div class="date_info"><span class="date-published">입력 <span class="num">2017.03.01 10:20</span></span>
        <span class="date-modify">수정 <span class="num">2017.03.01 11:00</span></span></div><div id="newsView"><p class="article_stit">작은 제목</p>{"".join(P)}
        <div class="box_related_list"><p>다른 기사 제목</p></div></div>""",
        "2017-03-01T10:20+09:00",
        "한국경제",
        "2017-03-01T11:00+09:00",
    ),
    Case(
        "kbs",
        "https://news.kbs.co.kr/news/pc/view/view.do?ncd=5580015&ref=A",
        og("멈춘 서버실의 하루 | KBS 뉴스", "KBS 뉴스"),
        f"""<h4 class="headline-title">멈춘 서버실의 하루</h4><div class="dates"><em class="input-date">입력 2022.10.15 (18:31)</em><em class="update-date">수정 2022.10.15 (20:00)</em></div>
        <div class="detail-body" id="cont_newstext">[앵커]<br><br>{FIRST}<br><br>[리포트]<br><br>{QUOTED}<br><br>{LAST}<br><br>KBS 뉴스 홍길동입니다.<br><br>촬영기자:성춘향/영상편집:이몽룡</div>
        <div class="reporter-info"><strong class="reporter-name">홍길동 기자</strong></div>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
        "2022-10-15T20:00+09:00",
    ),
    Case(
        "zdnet",
        "https://zdnet.co.kr/view/?no=20221015182759&re=R_20211206083428",
        og("멈춘 서버실의 하루", "ZDNet Korea", meta("dable:author", "홍길동 기자")),
        f"""<div class="news_head"><h1>멈춘 서버실의 하루</h1><p class="meta"><span>입력 :2022/10/15 18:31 -- 수정: 2022/10/15 20:00</span></p></div>
        <div id="articleBody"><div id="content">{P[0]}<p>{QUOTED}</p><div class="view_ad">광고 글</div>{P[2]}<h2>관련기사</h2><ul><li><a href="/view/?no=20221014000000">다른 기사 제목</a> 2022.10.14</li></ul>
        <div class="news_box">다른 기사 제목</div></div></div>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
        "2022-10-15T20:00+09:00",
    ),
    Case(
        "mt",
        "https://m.mt.co.kr/renew/view_amp.html?no=2022101517203168084",
        og(
            "멈춘 서버실의 하루 - 머니투데이", "머니투데이", meta("article:published_time", "2022-10-15T18:31:00+09:00")
        ),
        f"""<h1 class="subject">멈춘 서버실의 하루</h1><div class="infobox1"><a>홍길동 기자</a></div><div class="info2"><span class="date">2022.10.15 18:31</span></div>
        <div id="textBody"><div class="articlePhoto">사진 설명</div>{FIRST}<br><br>{QUOTED}<br><br>{LAST}<div id="articleRelnewsFrame">다른 기사 제목</div></div>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
        source="meta:article:published_time",
    ),
    Case(
        "ndsoft",
        "http://m.paper.example/news/articleViewAmp.html?idxno=41272&page=2",
        og("멈춘 서버실의 하루 < 사회 < 기사본문 - 가나신문", "가나신문"),
        f"""<h1 class="heading">멈춘 서버실의 하루</h1><ul class="infomation"><li>홍길동 기자</li><li>승인 2022.10.15 18:31</li><li>댓글 0</li></ul><p>이 기사를 공유합니다</p>
        <article id="article-view-content-div"><h4 class="subheading">작은 제목</h4>{P[0]}<div class="ad-template">광고 글</div><figure class="photo-layout"><figcaption>사진 설명</figcaption></figure>{P[1]}{P[2]}{CLOSING}</article>
        <div class="view-copyright">저작권자 © 가나신문 무단전재 및 재배포 금지</div>""",
        "2022-10-15T18:31+09:00",
        "홍길동",
    ),
    Case(
        "ndsoft",
        "http://paper.example/news/articleView.html?idxno=7",
        "<title>멈춘 서버실의 하루 - 가나신문</title>" + meta("og:type", "article"),
        f"""<div class="View_Title"><strong>멈춘 서버실의 하루</strong></div><div class="View_Info">홍길동 기자 | 승인 2018.08.25 15:24</div>
        <div id="articleBody"></div><div id="_article">{"".join(P)}</div>""",
        "2018-08-25T15:24+09:00",
        "홍길동",
    ),
]
IDS = [f"{case.name}-{case.published[:4]}-{number}" for number, case in enumerate(CASES)]
NEVER = (
    "사진 설명",
    "광고 글",
    "다른 기사 제목",
    "작은 제목",
    "요약 세 줄",
    "많이 본",
    "저작권",
    "paper.example",
    "카카오톡",
    "[앵커]",
)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_page_in_an_outlets_markup(case: Case) -> None:
    read = extract(case.url, case.html, FETCHED)
    assert (read.platform, read.kind, read.title, read.author) == (case.name, "news", case.title, case.author)
    assert read.text.split("\n") == WORDS
    assert not [words for words in NEVER if words in read.text]
    assert read.published is not None
    assert (kst_text(read.published.at), read.published.source) == (case.published, case.source)
    assert read.published.precision == "minute"
    assert (kst_text(read.modified.at) if read.modified else None) == case.modified


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_an_article_in_a_layout_not_known_yet_says_what_was_tried(case: Case) -> None:
    renamed = f'{case.head}{meta("og:type", "article")}<h1>{case.title}</h1><div class="zx9">{"".join(P) * 20}</div>'
    with pytest.raises(LayoutChanged) as changed:
        extract(case.url, renamed, FETCHED)
    assert changed.value.platform == case.name
    assert len(changed.value.tried) >= 2


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_an_articles_address_that_answers_with_a_list(case: Case) -> None:
    home = f'<meta property="og:type" content="website"><title>가나</title>{"".join(P) * 20}'
    with pytest.raises(NotAnArticle):
        extract(case.url, home, FETCHED)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.yna.co.kr/", "https://www.yna.co.kr/international/asia-australia", "https://www.chosun.com/economy/",
        "https://www.joongang.co.kr/money", "https://www.hani.co.kr/arti/economy", "https://www.hankookilbo.com/News/Politics",
        "https://www.donga.com/news/Economy", "https://www.mk.co.kr/news/it/", "https://www.hankyung.com/it",
        "https://news.kbs.co.kr/news/pc/main/main.html", "https://zdnet.co.kr/", "https://news.mt.co.kr/",
    ],
)  # fmt: skip
def test_home_and_section_pages_are_lists(url: str) -> None:
    address = recognise(url)
    assert address is not None
    assert address.is_list
    with pytest.raises(NotAnArticle):
        extract(url, CASES[0].html, FETCHED)


def test_every_outlet_has_a_case() -> None:
    named = {platform.NAME for platform in platforms() if hasattr(platform, "OUTLET")}
    assert len(named) == 12
    assert named == {case.name for case in CASES}


def test_a_page_cut_off_before_its_first_word() -> None:
    cut = CASES[-2].html.partition('<h4 class="subheading">')[0]
    with pytest.raises(NotAnArticle, match="without a word"):
        extract(CASES[-2].url, cut, FETCHED)


# ── Arc Publishing ───────────────────────────────────────────────────────────
ARC = "https://www.chosun.com/national/2022/10/15/ABCDEFGHIJKLMNOPQRSTUVWXYZ/"
HEAD = og("멈춘 서버실의 하루", "조선일보")
IN_HTML = f'<section class="article-body">{"".join(P)}</section>'


@pytest.mark.parametrize(
    "script",
    [
        arc(content_elements=[]), arc(content_elements=None), arc(content_elements=[{"type": "image"}, 7, None]),
        "<script>Fusion.globalContent={broken</script>", "<script>Fusion.globalContent=" + '{"a":[' * 5_000 + "</script>",
        "<script>Fusion.globalContent={};</script>",
    ],
    ids=["no elements", "null", "only a picture", "broken", "deep", "empty"],
)  # fmt: skip
def test_arc_without_a_story_in_its_script_is_read_from_the_html(script: str) -> None:
    assert extract(ARC, HEAD + script + IN_HTML, FETCHED).text.split("\n") == WORDS
    with pytest.raises(LayoutChanged) as changed:
        extract(ARC, HEAD + script + '<section class="article-body"></section>', FETCHED)
    assert changed.value.tried[0] == "Fusion.globalContent"


# ── one article, one address ─────────────────────────────────────────────────
ND = next(case for case in CASES if case.name == "ndsoft")


@pytest.mark.parametrize(
    ("asked", "told", "kept"),
    [
        ("http://paper.example/news/articleView.html?idxno=41272", "https://www.paper.example/news/articleView.html?idxno=41272", True),
        ("https://www.paper.example/news/articleView.html?idxno=41272", "https://paper.example/news/articleView.html?idxno=41272", True),
        ("https://paper.example/news/articleView.html?idxno=41272", "https://www.paper.example/news/articleView.html?idxno=41273", False),
        ("https://paper.example/news/articleView.html?idxno=41272", "https://www.paper.example/", False),
        ("https://paper.example/news/articleView.html?idxno=41272", "https://other.example/news/articleView.html?idxno=41272", False),
        ("https://www.mk.co.kr/news/all/10490001", "https://www.mk.co.kr/news/it/10490001", True),
    ],
    ids=["to www.", "to bare", "another article", "home page", "another site", "another section"],
)  # fmt: skip
def test_a_page_says_which_of_its_addresses_is_its_own(asked: str, told: str, kept: bool) -> None:
    case = next(case for case in CASES if case.name == ("mk" if "mk.co.kr" in asked else "ndsoft"))
    html = case.html.replace("<head>", f'<head><link rel="canonical" href="{told}">')
    own = recognise(asked)
    assert own is not None
    assert extract(asked, html, FETCHED).url == (told if kept else own.url)


def test_og_url_counts_where_the_canonical_link_leads_elsewhere() -> None:
    told = '<link rel="canonical" href="https://other.example/x"><meta property="og:url" content="https://www.paper.example/news/articleView.html?idxno=41272">'
    read = extract(
        "https://paper.example/news/articleView.html?idxno=41272", ND.html.replace("<head>", "<head>" + told)
    )
    assert (read.url, read.native_id) == (
        "https://www.paper.example/news/articleView.html?idxno=41272",
        "paper.example/41272",
    )


@pytest.mark.parametrize(
    ("asked", "told", "url"),
    [
        ("https://paper.example/n/41272", "https://www.paper.example/n/41272", "https://www.paper.example/n/41272"),
        ("https://paper.example/amp/41272", "https://paper.example/newsView/41272", "https://paper.example/newsView/41272"),
        ("https://paper.example/view.php?key=20221015010002157", "https://paper.example/view.php", "https://paper.example/view.php?key=20221015010002157"),
        ("https://paper.example/20221015/view?id=77", "https://paper.example/20221015/view", "https://paper.example/20221015/view?id=77"),
        ("https://paper.example/posts/long-title?from=home", "https://paper.example/posts/long-title", "https://paper.example/posts/long-title"),
        ("https://paper.example/posts/long-title", "https://paper.example/posts", "https://paper.example/posts/long-title"),
    ],
    ids=["www.", "AMP by number", "a template without the number", "a day is no number", "a query cut off", "the list"],
)  # fmt: skip
def test_on_a_site_of_no_known_platform_the_number_or_title_has_to_be_the_same(asked: str, told: str, url: str) -> None:
    html = og("멈춘 서버실의 하루", "가나", meta("og:url", told)) + f'<div class="news_body">{"".join(P) * 5}</div>'
    assert extract(asked, html, FETCHED).url == url


def test_ndsoft_is_known_by_its_markup_where_the_address_is_of_another_form() -> None:
    assert platform_of("https://paper.example/bbs/7", ND.html).NAME == "ndsoft"
    read = extract("https://paper.example/bbs/7", ND.html, FETCHED)
    assert (read.platform, read.url, read.text.split("\n")) == ("ndsoft", "https://paper.example/bbs/7", WORDS)
    with pytest.raises(NotAnArticle):
        extract("https://paper.example/news/articleList.html?sc_section_code=S1N1", ND.html, FETCHED)


# ── saved pages of other people, read where they lie ─────────────────────────
SAVED = {
    "fundus_HankookIlbo_2025_05_15": ("hankook", ""),
    "fundus_HankookIlbo_2026_01_29": ("hankook", ""),
    "fundus_HankookIlbo_2026_07_12": ("hankook", ""),
    "goose3_donga_20131023": ("donga", ""),
    "sh_entermedia_0ec95c72": ("ndsoft", "http://www.entermedia.example/news/articleView.html?idxno=8459"),
}


def test_saved_articles_of_outlets_fit_a_layout(shared_pages: Callable[..., Iterator[SavedPage]]) -> None:
    seen = set()
    for page in shared_pages("news_generic"):
        name = page.file.rpartition("/")[2].removesuffix(".html.gz")
        if name in SAVED:
            platform, url = SAVED[name]
            read = extract(url or page.url, decode(page.body).text)
            assert (read.platform, read.published is None) == (platform, False), page.file
            assert page.title.startswith(read.title) and len(read.text) > 400, page.file
            seen.add(name)
    assert seen == set(SAVED)


def test_a_saved_section_page_in_place_of_an_article(shared_pages: Callable[..., Iterator[SavedPage]]) -> None:
    (page,) = (page for page in shared_pages("misc") if "young146_yonhap" in page.file)
    for url in (page.url, CASES[0].url):
        with pytest.raises(NotAnArticle):
            extract(url, decode(page.body).text)
