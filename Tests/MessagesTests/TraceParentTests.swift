// What is a trace context, and what is not passed on.

import Messages
import Testing

@Suite struct TraceParentTests {
    private static let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func aTraceContextOfTheStandardIsTaken() {
        #expect(TraceParent.checked(Self.good) == Self.good)
        #expect(TraceParent.checked(nil) == nil)
    }

    @Test(arguments: [
        "", "00", good.uppercased(), good + "0", String(good.dropLast()), good.replacing("-", with: "_"),
        "01" + good.dropFirst(2), good.replacing("0af7", with: "0a\n7"),
        "00-" + String(repeating: "0", count: 32) + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    ])
    func anythingElseIsNot(text: String) { #expect(TraceParent.checked(text) == nil) }
}
