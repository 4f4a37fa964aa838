// A watched folder sends each text once, whole, and again when it says something else.

import Messages
import Testing

@testable import Console

private func stamp(_ size: Int, _ modified: Int64 = 0) -> FolderWatch.Stamp {
    FolderWatch.Stamp(size: size, modified: modified)
}

@Test func aFileIsDueOnceItHasStoppedGrowing() {
    var watch = FolderWatch()
    #expect(watch.scan(["a": stamp(10)]) == [])
    #expect(watch.scan(["a": stamp(20)]) == [])
    #expect(watch.scan(["a": stamp(20)]) == ["a"])
    watch.settle("a", content: "x")
    #expect(watch.scan(["a": stamp(20)]) == [])
}

@Test func aFileThatWasNotSettledStaysDue() {
    var watch = FolderWatch()
    _ = watch.scan(["a": stamp(20)])
    #expect(watch.scan(["a": stamp(20)]) == ["a"])
    #expect(watch.scan(["a": stamp(20)]) == ["a"])
}

@Test func aTouchedFileIsDueButNotNew() {
    var watch = FolderWatch(known: ["a": FolderWatch.Known(stamp: stamp(20), content: "x")])
    _ = watch.scan(["a": stamp(20, 5)])
    #expect(watch.scan(["a": stamp(20, 5)]) == ["a"])
    #expect(!watch.isNew("a", content: "x"))
    #expect(watch.isNew("a", content: "y"))
}

@Test func whatIsKnownIsNotSentAfterARestart() {
    var first = FolderWatch()
    _ = first.scan(["a": stamp(20)])
    _ = first.scan(["a": stamp(20)])
    first.settle("a", content: "x")
    var second = FolderWatch(known: first.known)
    #expect(second.scan(["a": stamp(20)]) == [])
    #expect(second.scan(["a": stamp(20)]) == [])
}

@Test func goingBackToAnOlderTextIsANewSubmission() {
    var watch = FolderWatch()
    _ = watch.scan(["a": stamp(1)])
    let first = watch.key("a", content: "x")
    #expect(watch.key("a", content: "x") == first)
    watch.settle("a", content: "x")
    let second = watch.key("a", content: "y")
    watch.settle("a", content: "y")
    let third = watch.key("a", content: "x")
    #expect(Set([first, second, third]).count == 3)
}
