// Districts by full and short name. A short name stands for the full one; names that mean other things as well
// (朝阳, 南山, 海珠) are listed in full only.

/// The built-in districts.
enum DefaultDistricts {
    static let entries = """
        黄浦区
        黄浦 = 黄浦区
        徐汇区
        徐汇 = 徐汇区
        长宁区
        长宁 = 长宁区
        静安区
        静安 = 静安区
        普陀区
        普陀 = 普陀区
        虹口区
        虹口 = 虹口区
        杨浦区
        杨浦 = 杨浦区
        闵行区
        闵行 = 闵行区
        宝山区
        宝山 = 宝山区
        嘉定区
        嘉定 = 嘉定区
        浦东新区
        浦东 = 浦东新区
        金山区
        金山 = 金山区
        松江区
        松江 = 松江区
        青浦区
        青浦 = 青浦区
        奉贤区
        奉贤 = 奉贤区
        崇明区
        崇明 = 崇明区
        东城区
        西城区
        朝阳区
        海淀区
        丰台区
        石景山区
        门头沟区
        房山区
        通州区
        顺义区
        昌平区
        大兴区
        怀柔区
        平谷区
        密云区
        延庆区
        越秀区
        荔湾区
        海珠区
        天河区
        白云区
        黄埔区
        番禺区
        花都区
        南沙区
        增城区
        从化区
        福田区
        罗湖区
        南山区
        宝安区
        龙岗区
        盐田区
        龙华区
        坪山区
        光明区
        江岸区
        江汉区
        硚口区
        汉阳区
        武昌区
        青山区
        洪山区
        东西湖区
        蔡甸区
        江夏区
        黄陂区
        新洲区
        滨海新区
        和平区
        河西区
        南开区
        河东区
        河北区
        红桥区
        渝中区
        两江新区
        """
}
