// Segments as they were written: each format version that is read has a file here, and must go on being read.

import Foundation
import Messages
import Testing

@testable import SearchCore

@Suite struct SegmentFixtureTests {
    /// Three documents, written by the program that introduced the version.
    static let files: [(version: UInt32, base64: String)] = [(3, version3)]

    @Test(arguments: files.map(\.version))
    func segmentsOfEachVersionAreRead(version: UInt32) throws {
        let folder = TemporaryFolder()
        let base64 = try #require(Self.files.first { $0.version == version }?.base64)
        let bytes = try #require(Data(base64Encoded: base64.filter { !$0.isWhitespace }))
        try bytes.write(to: URL(fileURLWithPath: folder.file("old.seg")))
        #expect(bytes[8] == UInt8(version))
        let reader = try SegmentReader.open(path: folder.file("old.seg"))
        try reader.verifyAll()
        #expect(reader.documentCount == 3)
        #expect(try reader.documentID(of: 1) == "1")
        #expect(String(decoding: try reader.stored(2), as: UTF8.self) == "天气\n明天多云，三千五百家企业停工。")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "old", reader: reader, liveDocs: nil)])
        func found(_ query: Query) throws -> [String] {
            let plan = SearchPlan(query: query, facets: ["source"], histogramField: "published")
            return try Searcher(schema: reader.schema).search(plan, in: snapshot).hits.map(\.place.documentID).sorted()
        }
        #expect(try found(.phrase("疫情防控", field: "text", slop: 0)) == ["0", "1"])
        #expect(try found(.phrase("3月8日", field: "text", slop: 0)) == ["0"])
        #expect(try found(.phrase("常态化防控", field: "text", slop: 2)) == ["1"])
        #expect(try found(.text("业", field: "text")) == ["1", "2"])
        #expect(try found(.prefix("cov", field: "text")) == ["0"])
        #expect(try found(.term("上海发布", field: "source")) == ["0", "1"])
        #expect(try found(.monthDay(month: 2, day: nil, field: "published")) == ["1"])
    }

    /// Documents 0 to 2; fields text, source, published.
    private static let version3 = """
        S0JTRUcNChoDAAAAAAAAAAAAAADyBINaeyJkb2N1bWVudENvdW50IjozLCJsZW5ndGhzIjp7InRleHQiOnsiZG9jdW1lbnRDb3VudCI6MywidG
        90YWxMZW5ndGgiOjU4fX0sInNjaGVtYSI6eyJmaWVsZHMiOlt7ImlzRmFjZXRlZCI6ZmFsc2UsImtpbmQiOiJ0ZXh0IiwibmFtZSI6InRleHQi
        LCJ3ZWlnaHQiOjF9LHsiaXNGYWNldGVkIjp0cnVlLCJraW5kIjoia2V5d29yZCIsIm5hbWUiOiJzb3VyY2UiLCJ3ZWlnaHQiOjF9LHsiaXNGYW
        NldGVkIjpmYWxzZSwia2luZCI6ImRhdGUiLCJuYW1lIjoicHVibGlzaGVkIiwid2VpZ2h0IjoxfV19LCJzZWdtZW50SUQiOiJzMSJ9AAAAAAAA
        AAAAAAAAAQABAQABAAECAAEBAAEBAAEBAAEBAwcDBQQJBAkAAAQPBAsFFAAABSMCAwcDBQADBwQNAwUECQIDAQABBMQFEQUQBA4ECQQNBAgFEw
        MyAzADBAIDAAQLBA8DMQQKBAsEDAABAQSxDwQOAgIBAQABAQSwDgQKBRIAAQEFYkEFFwMEAwYFFgAAAAAAAAAAAAAAUQAAAAYAAAD/AgAAAAAA
        AAAAAACJuORjAAAAALau5WMAAAAAibjkZQC+meeUuuRwAJy95KW35XAAAGRpdm9jdwAAAACAAAAACwEAAJcBAABEAgAA8QIAAP8CAAAAAARj5L
        iJAQIBAAMBmgIzfQMAAgK6kQECAQADAZQBAgEAAwGnAQECAAICvIECM30DAAMBmgEAAQACAr2cAQABAAED5YGcAQIBAAIChagBAAEAAgKMlgEB
        AQACAo2DAQIBAAICj6wBAAEAAgKkjQEBBAADAZoBAgEAAwGpAQICAAYABGPlrrYBAgEAAgK3pQMrowMAAgK4ggEAAQADAbgBAQEAAgK8gAEAAQ
        ABA+aAgQEBAQACAoOFAtWVAwACAo6nAtWVAwACApelAQABAAICmI4BAgEAAgKciAEAAQACArCUAQIBAAED55arAtWVAwACApm+AQIBAAED6K6u
        AQABAAED6ZiyAtWVAwAVAARl5LiJAQIBAgICupEBAgECAwGnAQEBAgED5YWoAQABAgICpI0BAQEBAwGpAQIBAQICt6UBAgECAgK4uAEBAQICAr
        yAAQABAgED5o6nAr93AgMCApelAQABAgICnIgBAAECAQPnlqsBAAEBAAdw5LiJ5Y2DAQIBAgMEmuWBnAECAQIFAqSNAQEBAjUAB3DkupTnmb4B
        AgECAwSn5LyBAQEBAgIFvIHkuJoCM30DAgMEmuiurgEAAQICBb2c5LyaAQABAgEG5YGc5belAQIBAgIFhajluIIBAAECAgWMlueWqwEBAQICBY
        2D5LqUAQIBAgIFj6zlvIABAAECAgWkjeS6pwEBAgIEA+W3pQEBAgIDBJrkupEBAgECAwSp5aSaAQIBAgQD5rCUAQIBAQIFrrbkvIEBAgECVwAH
        cOW3peS9nAEAAQIEA+WkjQEBAgICBbiC55arAQABAgMEuOaAgQEBAQIBBuaAgeWMlgEBAQICBYOF6ZiyAtWVAwMCBY6n5belAQABAgIFmI7lpK
        kBAgECAgWwlOaYjgECAQIBBueWq+aDhQLVlQMDAgWZvuWutgECAQIBBuiuruWPrAEAAQIBBumYsuaOpwLVlQMDAAN3MTkBAAECAQEzAQABAgEB
        OAEAAQKDAQAGd2NvdmlkAQABAgAAAAAAAAAAAAAAAAAYEhAAAAAAAAAAAAAAAAAAAAAAAAAAAAACAAAAAQAAACMAAAAAAAAA5be15oq45GsAAA
        AAIwAAAAAADWvkuIrmtbflj5HluIMBAA0NAOS4iua1t+eZvOW4gwEBAAAAAAAAAAAAAAAAAAMAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAECAAAA
        AAAAAAAAAAAAAAADAAAAAAAAAAAAAAAAAAAABAAAAAAAAABoyg8ASsoPAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAMAAAABAAAAEQAAAAAAAA
        AAAAAAAAAwawAAAAARAAAAAAACazABAAEBMQEBAQEyAQIAAAAAAAAAAAAAAAAAAAADAAAAAAAAAAEAAAAAAAAAAQAAAAAAAAAAAQIAAAAAAAAA
        AAAAAAAAAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAJHWTNgotS/9ILjtBA
        DUCEc6NOeWq+aDhemYsuaOpwoz5pyIOOaXpe+8jOWFqOW4guW3peS9nOS8muiuruWPrOW8gOOAgmNvdmlkLTE55aSN5bel5aSN5LqnCuS8geS4
        mu+8jOW4uOaAgeWMluOAguWkqeawlArmmI7lpKnlpJrkupHvvIzkuInljYPkupTnmb7lrraBnOW3peOAggQAqCIrV+Ao2OR2AqfIAAAAAAAAAA
        CqAAAAuAAAAAAAAAADAAAAAAAAAAEAAADwKzvVAAAAAAAAAAAAAAEAAAAAAP//GAAAAAAAAAA0AQAAAAAAAPuLKpEAAAAAAwAAAAAAAABQAQAA
        AAAAAI0AAAAAAAAAKewJ5AAAAAACAAAAAAAAAOABAAAAAAAAYwMAAAAAAAByJfpCAAAAAAQAAAAAAAAASAUAAAAAAAALAAAAAAAAACWqgTAAAA
        AAAwAAAAEAAABYBQAAAAAAAAgAAAAAAAAAirIojAAAAAACAAAAAQAAAGAFAAAAAAAASwAAAAAAAABOcHscAAAAAAYAAAABAAAAsAUAAAAAAAAj
        AAAAAAAAADL/OusAAAAABgAAAAIAAADYBQAAAAAAACwAAAAAAAAAYT8XIQAAAAADAAAAAQD//wgGAAAAAAAACAAAAAAAAACKsiiMAAAAAAIAAA
        ABAP//EAYAAAAAAAA5AAAAAAAAAJl3mW0AAAAABgAAAAEA//9QBgAAAAAAACMAAAAAAAAALLrylwAAAAAGAAAAAgD//3gGAAAAAAAAIAAAAAAA
        AAD3R3rMAAAAAAYAAAADAP//mAYAAAAAAAAgAAAAAAAAAHmFNXYAAAAABwAAAAQA//+4BgAAAAAAANYAAAAAAAAA/KHVpwAAAACQBwAAAAAAAA
        4AAAA2xOVOgAkAAAAAAAADAAAAAAAAAAAAAAAxroIlS0JTRUcNCho=
        """
}
