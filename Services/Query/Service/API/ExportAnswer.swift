// An export as a response: its head tells what comes, its body is written page by page as the client reads it.

import Records
import Schemas
import HTTPTypes
import Hummingbird
import Messages
import NIOCore

enum ExportAnswer {
    /// - Parameter stream: with its first page read.
    static func response(_ stream: ExportStream, _ format: ExportFormat) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = format.mediaType
        headers[.xContentTypeOptions] = "nosniff"
        headers[.contentDisposition] = "attachment; filename=\"export.\(format.rawValue)\""
        if let name = HTTPField.Name("Kuaibao-Version") { headers[name] = String(stream.kept.snapshot.version) }
        if let name = HTTPField.Name("Kuaibao-Total") { headers[name] = String(stream.total) }
        let fields = stream.kept.schema.declaration?.fields.map(\.name)
        let body = ResponseBody { writer in
            var stream = stream
            try await writer.write(ByteBuffer(bytes: ExportText.head(format, fields)))
            while true {
                try await writer.write(ByteBuffer(bytes: try ExportText.lines(stream.items, format, fields)))
                if stream.isLast { break }
                try await stream.advance()
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}
