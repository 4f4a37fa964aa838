// The schemas of what crosses the HTTP API, as YAML under `components/schemas`. Tests read real answers against them.

enum OpenAPISchemas {
    /// - Parameter errorCodes: every stable code.
    static func text(errorCodes: [String]) -> String {
        """
            Error:
              type: object
              required: [error]
              properties:
                error:
                  type: object
                  required: [code, message, fix]
                  properties:
                    code: { enum: [\(errorCodes.joined(separator: ", "))] }
                    message: { type: string }
                    fix: { type: string }
                    range: { $ref: '#/components/schemas/Pair' }
                    mistakes:
                      type: array
                      items:
                        type: object
                        required: [row, message]
                        properties:
                          row: { type: integer, minimum: 1 }
                          column: { type: integer, minimum: 1 }
                          field: { type: string }
                          message: { type: string }
            Pair:
              type: array
              minItems: 2
              maxItems: 2
              items: { type: integer, minimum: 0 }

        """ + values + watches + desk
    }

    private static let values = """
            State:
              type: object
              required: [status]
              properties: { status: { type: string } }
            SearchRequest:
              type: object
              additionalProperties: false
              oneOf:
                - required: [q]
                - required: [query]
              properties:
                q: { type: string }
                query: { $ref: '#/components/schemas/Query' }
                limit: { type: integer, minimum: 0, maximum: 1000 }
                offset: { type: integer, minimum: 0, maximum: 10000 }
                cursor: { type: string }
                sort: { enum: [relevance, newest, oldest] }
                order: { type: string }
                near: { type: string }
                facets:
                  type: array
                  maxItems: 8
                  items: { type: string }
                histogram: { type: boolean }
                snippetCharacters: { type: integer, minimum: 20, maximum: 1000 }
                explain: { type: boolean }
                collapse: { type: boolean }
                collapseBy: { type: array, maxItems: 4, items: { type: string } }
                asOf: { type: string }
                timeoutMilliseconds: { type: integer, minimum: 1, maximum: 60000 }
            Query:
              description: A node of the tree; docs/query-language.md has them all.
              type: object
              minProperties: 1
              maxProperties: 1
            Count:
              type: object
              required: [value, count]
              properties: { value: { type: string }, count: { type: integer, minimum: 0 } }
            MarkedText:
              type: object
              required: [text, marks]
              properties:
                text: { type: string }
                marks:
                  type: array
                  items: { $ref: '#/components/schemas/Pair' }
            Range:
              type: object
              required: [lower, upper]
              properties: { lower: { type: integer, minimum: 0 }, upper: { type: integer, minimum: 0 } }
            SearchHit:
              type: object
              required: [id, document, ordinal, score, title, snippet, sources, range, flags]
              properties:
                id: { type: string }
                document: { type: string }
                ordinal: { type: integer, minimum: 0 }
                score: { type: number }
                title: { $ref: '#/components/schemas/MarkedText' }
                snippet: { $ref: '#/components/schemas/MarkedText' }
                date: { type: string }
                dateBasis: { type: string }
                department: { type: string }
                departmentBasis: { type: string }
                sources: { type: array, items: { type: string } }
                file: { type: string }
                range: { $ref: '#/components/schemas/Range' }
                flags: { type: array, items: { type: string } }
                explanation: { $ref: '#/components/schemas/Explanation' }
                copies: { type: array, items: { $ref: '#/components/schemas/SearchHit' } }
                record: { $ref: '#/components/schemas/Record' }
                distance: { type: number, minimum: 0 }
                readings: { type: array, items: { $ref: '#/components/schemas/HitReading' } }
                similarity: { type: number, minimum: 0, maximum: 1 }
            HitReading:
              type: object
              required: [found, suggestion]
              properties: { found: { type: string }, suggestion: { type: string } }
            Record:
              type: object
              required: [values]
              properties:
                values: { type: object }
                reportedAt: { type: object, additionalProperties: { type: integer } }
                ages: { type: object, additionalProperties: { type: number, minimum: 0 } }
                masked: { type: array, items: { type: string } }
                highlights: { type: object, additionalProperties: { $ref: '#/components/schemas/MarkedText' } }
            RecordsSubmitted:
              type: object
              required: [submission, identity, isDuplicate, records, receipts]
              properties:
                submission: { type: string }
                identity: { type: string }
                isDuplicate: { type: boolean }
                records: { type: integer, minimum: 1 }
                receipts:
                  type: array
                  items:
                    type: object
                    required: [submission, identity, isDuplicate]
                    properties:
                      submission: { type: string }
                      identity: { type: string }
                      isDuplicate: { type: boolean }
                dead: { type: integer, minimum: 0 }
                version: { type: integer, minimum: 0 }
            BoardRow:
              type: object
              required: [area, reported]
              properties:
                area: { type: string }
                reported: { type: integer, minimum: 0 }
                expected: { type: integer, minimum: 0 }
                coverage: { type: number, minimum: 0 }
            Board:
              type: object
              required: [collection, by, version, complete, total, rows, at]
              properties:
                collection: { type: string }
                by: { type: string }
                version: { type: integer, minimum: 0 }
                complete: { type: boolean }
                total: { $ref: '#/components/schemas/BoardRow' }
                rows: { type: array, items: { $ref: '#/components/schemas/BoardRow' } }
                at: { type: integer }
            Collections:
              type: object
              required: [collections]
              properties:
                collections: { type: array, items: { $ref: '#/components/schemas/Collection' } }
            Collection:
              type: object
              required: [name, title, version, documents, partitions, fields]
              properties:
                name: { type: string }
                title: { type: string }
                version: { type: integer, minimum: 0 }
                documents: { type: integer, minimum: 0 }
                partitions: { type: integer, minimum: 1 }
                generation: { type: integer, minimum: 1 }
                identity: { type: array, items: { type: string } }
                shows: { type: string }
                retentionDays: { type: integer, minimum: 1 }
                fields:
                  type: array
                  items:
                    type: object
                    required: [name, type, names, flags]
                    properties:
                      name: { type: string }
                      type: { type: string }
                      names: { type: array, items: { type: string } }
                      flags: { type: array, items: { type: string } }
                      values: { type: array, items: { type: string } }
                declaration: { type: string }
            Explanation:
              type: object
              required: [words, clauses]
              properties:
                words: { type: string }
                clauses:
                  type: array
                  items:
                    type: object
                    required: [clause, score, fields]
                    properties:
                      clause: { type: string }
                      score: { type: number }
                      fields: { type: array, items: { $ref: '#/components/schemas/Count' } }
            SearchReply:
              type: object
              required: [version, complete, total, hits, understood, timings, workers]
              properties:
                version: { type: integer, minimum: 0 }
                complete: { type: boolean }
                total: { type: integer, minimum: 0 }
                hits: { type: array, items: { $ref: '#/components/schemas/SearchHit' } }
                cursor: { type: string }
                facets:
                  type: object
                  additionalProperties: { type: array, items: { $ref: '#/components/schemas/Count' } }
                histogram: { type: array, items: { $ref: '#/components/schemas/Count' } }
                understood: { type: string }
                corrections:
                  type: array
                  items:
                    type: object
                    required: [query, kind, total]
                    properties:
                      query: { type: string }
                      kind: { type: string, enum: [typo, homophone, look-alike, pinyin, field, apart] }
                      total: { type: integer, minimum: 1 }
                timings: { type: object, additionalProperties: { type: number } }
                workers:
                  type: array
                  items:
                    type: object
                    required: [name, segments, milliseconds]
                    properties:
                      name: { type: string }
                      segments: { type: integer, minimum: 0 }
                      milliseconds: { type: number }
            SuggestReply:
              type: object
              required: [version, complete, suggestions, timings]
              properties:
                version: { type: integer, minimum: 0 }
                complete: { type: boolean }
                suggestions:
                  type: array
                  items:
                    type: object
                    required: [text, field, match, query]
                    properties:
                      text: { type: string }
                      field: { type: string }
                      match: { enum: [prefix, inside, pinyin, homophone, typo] }
                      count: { type: integer, minimum: 1 }
                      date: { type: string }
                      query: { type: string }
                timings: { type: object, additionalProperties: { type: number } }
            DocumentReply:
              type: object
              required: [version, identity, submission, format, acceptedAt, items]
              properties:
                version: { type: integer, minimum: 0 }
                identity: { type: string }
                submission: { type: string }
                file: { type: string }
                contentType: { type: string }
                format: { type: string }
                acceptedAt: { type: integer }
                items: { type: array, items: { $ref: '#/components/schemas/Item' } }
                record: { $ref: '#/components/schemas/Record' }
            Item:
              type: object
              required: [ordinal, title, body, events, sources, districts, citations, figures, questions, language, flags, range]
              properties:
                ordinal: { type: integer, minimum: 0 }
                title: { type: string }
                body: { type: string }
                language: { type: string }
                flags: { type: array, items: { type: string } }
                range: { $ref: '#/components/schemas/Range' }
            TokenRequest:
              type: object
              required: [tenant, filter, seconds]
              properties:
                tenant: { type: string, minLength: 1, maxLength: 200 }
                filter: { type: string, minLength: 1 }
                seconds: { type: integer, minimum: 1, maximum: 31536000 }
            TokenReply:
              type: object
              required: [token, expiresAt]
              properties: { token: { type: string }, expiresAt: { type: integer } }
            Submitted:
              type: object
              required: [submission, identity, isDuplicate]
              properties:
                submission: { type: string }
                identity: { type: string }
                isDuplicate: { type: boolean }
                state: { $ref: '#/components/schemas/SubmissionState' }
                version: { type: integer, minimum: 0 }
            SubmissionState:
              type: object
              required: [stage]
              properties: { stage: { enum: [accepted, parsed, searchable, dead, dropped] } }
            DeadLetters:
              type: object
              required: [dead]
              properties: { dead: { type: array, items: { type: object } } }
            ManyDead:
              type: object
              required: [changed]
              properties:
                changed: { type: integer }
                next: { type: integer }
            StatusReply:
              type: object
              required: [release, complete, problems, searchWorkers, searchVersions, queriesRunning, counters]
              properties:
                release: { type: string }
                complete: { type: boolean }
                problems: { type: array, items: { type: string } }

        """
}
