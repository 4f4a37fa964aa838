// The ready-made collections of a folder of seeds: each a folder with `collection.yaml` and files of records.
//
// A collection that is there is left as it is; files that were added before with the same content are not added again.

import Foundation
import Messages
import WebClient

enum SeedCollections {
    /// Under the folder of seeds.
    static let folder = "collections"
    static let declaration = "collection.yaml"

    /// Makes the collections and adds their records.
    static func load(_ folder: String, _ client: GatewayClient) async throws {
        let files = FileManager.default
        guard let names = try? files.contentsOfDirectory(atPath: folder).sorted() else { return }
        let declared = names.filter { files.fileExists(atPath: folder + $0 + "/" + declaration) }
        // All are made first, so that index workers take their partitions while the first ones fill.
        for name in declared {
            do {
                _ = try await client.call(
                    .post, "/v1/collections", body: try AddCommand.read(folder + name + "/" + declaration),
                    contentType: "application/yaml", as: ShownCollection.self)
            } catch let error as KuaibaoError where error.code == .conflict {
                // It was made before.
            }
        }
        for name in declared {
            let records = try AddCommand.files([folder + name]).filter {
                $0.hasSuffix(".csv") || $0.hasSuffix(".ndjson") || $0.hasSuffix(".json")
            }
            let outcomes = await AddCommand.add(
                records, client: client, options: AddCommand.Options(collection: name, newOnly: true))
            for outcome in outcomes { AddCommand.show(outcome) }
            if let failed = outcomes.compactMap(\.error).first { throw failed }
        }
    }
}
