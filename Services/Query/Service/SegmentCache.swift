// A query worker's open segments: what the last versions name, opened when first needed.

import Schemas
import Foundation
import Messages
import SearchCore
import SegmentStore
import Synchronization

/// Opens segments and keeps them open while a recent version has them. Used by several search threads.
final class SegmentCache: Sendable {
    /// Versions of each collection that can still be asked for: those that were asked for last.
    static let keptVersions = 16

    private struct ViewKey: Hashable {
        let segment: String
        let generation: Int
    }

    private struct State {
        /// The one that was asked for last comes last.
        var snapshots: [String: [(version: Int64, segments: [SegmentRecord], schema: CollectionSchema)]] = [:]
        var views: [ViewKey: SegmentView] = [:]
        var opened = 0
    }

    private let store: any SegmentStore
    private let schemas = SchemaCache()
    private let state = Mutex(State())

    init(store: any SegmentStore) { self.store = store }

    /// Segments open now, and opened since the start, by metric name.
    var figures: [String: Int] {
        state.withLock { ["open_segments": $0.views.count, "segments_opened_total": $0.opened] }
    }

    /// The views of some parts of a version, and the collection's schema in that version.
    ///
    /// - Throws: `notReady` where the version is not known (the gateway then sends it), `conflict` where a file is gone
    ///   because a newer version has its documents, `corrupt`.
    func views(of lease: WorkerLease) throws(KuaibaoError) -> (views: [SegmentView], schema: CollectionSchema) {
        if let snapshot = lease.snapshot { adopt(snapshot, try schemas.schema(snapshot.declaration)) }
        let found = state.withLock { state -> (segments: [SegmentRecord], schema: CollectionSchema)? in
            guard var kept = state.snapshots[lease.collection],
                let place = kept.lastIndex(where: { $0.version == lease.version })
            else { return nil }
            if place != kept.endIndex - 1 {
                kept.append(kept.remove(at: place))
                state.snapshots[lease.collection] = kept
            }
            return kept.last.map { ($0.segments, $0.schema) }
        }
        guard let (segments, schema) = found else {
            throw KuaibaoError(
                .notReady, "version \(lease.version) of \(lease.collection) is not here", fix: "send its segments")
        }
        var views: [SegmentView] = []
        for place in lease.parts {
            guard segments.indices.contains(place) else {
                throw KuaibaoError(.invalidMessage, "there is no segment \(place)", fix: "run one release everywhere")
            }
            views.append(try view(of: segments[place]))
        }
        return (views, schema)
    }

    private func adopt(_ snapshot: CollectionSnapshot, _ schema: CollectionSchema) {
        state.withLock { state in
            var kept = state.snapshots[snapshot.collection] ?? []
            guard !kept.contains(where: { $0.version == snapshot.version }) else { return }
            kept.append((snapshot.version, snapshot.flatSegments, schema))
            state.snapshots[snapshot.collection] = Array(kept.suffix(Self.keptVersions))
            var used: Set<ViewKey> = []
            for version in state.snapshots.values.joined() {
                for segment in version.segments { used.insert(Self.key(segment)) }
            }
            state.views = state.views.filter { used.contains($0.key) }
        }
    }

    private static func key(_ record: SegmentRecord) -> ViewKey {
        ViewKey(segment: record.id, generation: record.liveDocsGeneration)
    }

    private func view(of record: SegmentRecord) throws(KuaibaoError) -> SegmentView {
        let key = Self.key(record)
        if let view = state.withLock({ $0.views[key] }) { return view }
        do {
            let reader = try sibling(of: record) ?? SegmentReader.open(path: store.fetch(record.file))
            let live = try record.liveDocs.map { file in
                try LiveDocs(decoding: Array(Data(contentsOf: URL(fileURLWithPath: store.fetch(file)))))
            }
            let view = try SegmentView(id: record.id, reader: reader, liveDocs: live)
            state.withLock { state in
                state.views[key] = view
                state.opened += 1
            }
            return view
        } catch let error as SegmentStoreError where error.code == .notFound {
            throw KuaibaoError(.conflict, "segment \(record.id) is gone", fix: "search the newest version")
        } catch let error as SearchCoreError {
            let isOld = error.code == .formatTooOld
            throw KuaibaoError(
                error.errorCode, error.message,
                fix: isOld ? "stop the stack and run kuaibao reindex --swap" : "run kuaibao check")
        } catch {
            throw KuaibaoError(.corrupt, "segment \(record.id) cannot be read: \(error)", fix: "run kuaibao check")
        }
    }

    /// The same file with other live documents, if it is open already.
    private func sibling(of record: SegmentRecord) -> SegmentReader? {
        state.withLock { state in state.views.first { $0.key.segment == record.id }?.value.reader }
    }
}
