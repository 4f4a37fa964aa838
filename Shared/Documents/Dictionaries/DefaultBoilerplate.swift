// Phrases by which a short line is told to be part of a page's frame and not of its content. A line is boilerplate when
// it starts with one of them and is at most 40 characters long, or 90 where the phrase has six or more.

/// The built-in phrases.
enum DefaultBoilerplate {
    static let entries = """
        责编
        编辑：
        编辑:
        校对：
        审核：
        审稿：
        值班编辑
        本文来自
        版权声明
        版权所有
        免责声明
        扫一扫
        扫码
        长按二维码
        点击二维码
        海量资讯、精准解读
        24小时滚动播报
        新浪声明：
        新浪网登载此文
        关注我们
        关注微信
        分享到
        分享至
        我要纠错
        【我要纠错】
        打印本页
        关闭窗口
        打印
        关闭
        返回顶部
        上一篇
        下一篇
        相关阅读
        相关新闻
        相关链接
        相关稿件
        延伸阅读
        推荐阅读
        热门推荐
        查看原文
        阅读原文
        点击查看
        网站地图
        联系我们
        技术支持
        网站标识码
        备案号
        沪ICP备
        京ICP备
        浙ICP备
        粤ICP备
        主办单位
        承办单位
        当前位置
        您的位置
        首页 >
        字体：
        【字体
        字号：
        浏览次数
        点击数
        阅读次数
        特别声明
        原标题
        举报
        收藏
        评论
        """
}
