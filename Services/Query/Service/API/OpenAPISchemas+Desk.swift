// The schemas of watches, digests and figures; the others are in OpenAPISchemas.swift.

extension OpenAPISchemas {
    static let watches = """
            AlertCounts:
              type: object
              required: [matched, acknowledged, pending, dead]
              properties:
                matched: { type: integer, minimum: 0 }
                acknowledged: { type: integer, minimum: 0 }
                pending: { type: integer, minimum: 0 }
                dead: { type: integer, minimum: 0 }
            WatchDestination:
              type: object
              required: [kind]
              properties:
                kind: { enum: [stream, webhook, digest, mail] }
                url: { type: string }
                secret: { type: string }
            NewWatch:
              type: object
              additionalProperties: false
              required: [q]
              properties:
                collection: { type: string }
                q: { type: string, minLength: 1 }
                id: { type: string, pattern: '^[a-z0-9-]{1,64}$' }
                name: { type: string }
                destination: { $ref: '#/components/schemas/WatchDestination' }
                route: { type: string }
                dueSeconds: { type: integer, minimum: 1, maximum: 31622400 }
            Watch:
              type: object
              required: [id, number, collection, name, q, owner, destination, createdAt, createdVersion, counts, delivered]
              properties:
                id: { type: string }
                number: { type: integer, minimum: 1 }
                collection: { type: string }
                name: { type: string }
                q: { type: string }
                filter: { type: string }
                owner: { type: string }
                tenant: { type: string }
                destination: { $ref: '#/components/schemas/WatchDestination' }
                createdAt: { type: integer }
                createdVersion: { type: integer, minimum: 0 }
                counts: { $ref: '#/components/schemas/AlertCounts' }
                everyItem: { type: boolean }
                route: { type: string }
                rule: { type: string }
                desk: { type: string }
                dueSeconds: { type: integer, minimum: 1 }
                delivered: { type: integer, minimum: 0 }
                due: { $ref: '#/components/schemas/AlertDue' }
            AlertDue:
              type: object
              required: [overdue]
              properties:
                overdue: { type: integer, minimum: 0 }
                oldestPending: { type: integer }
            DeskList:
              type: object
              required: [desks]
              properties:
                desks:
                  type: array
                  items:
                    type: object
                    required: [desk, id, counts, delivered, due]
                    properties:
                      desk: { type: string }
                      id: { type: string }
                      counts: { $ref: '#/components/schemas/AlertCounts' }
                      delivered: { type: integer, minimum: 0 }
                      due: { $ref: '#/components/schemas/AlertDue' }
                next: { type: integer }
            WatchList:
              type: object
              required: [watches]
              properties:
                watches: { type: array, items: { $ref: '#/components/schemas/Watch' } }
                next: { type: integer }
            ServerEvent:
              description: One server-sent event; a stream has any number of them.
              type: object
              properties: { id: { type: string }, event: { type: string }, data: { type: string } }
            Alert:
              type: object
              required: [watch, sequence, matchedAt, item]
              properties:
                watch: { type: string }
                sequence: { type: integer, minimum: 1 }
                matchedAt: { type: integer }
                item: { type: object }
                reason: { type: string }
                attempts: { type: integer, minimum: 0 }
            Alerts:
              type: object
              required: [alerts]
              properties: { alerts: { type: array, items: { $ref: '#/components/schemas/Alert' } } }
            Acknowledgement:
              type: object
              additionalProperties: false
              oneOf:
                - required: [through]
                - required: [alerts]
              properties:
                through: { type: integer }
                alerts: { type: array, maxItems: 1000, items: { type: integer } }
            AlertNumbers:
              type: object
              additionalProperties: false
              required: [alerts]
              properties: { alerts: { type: array, maxItems: 1000, items: { type: integer } } }
            WatchPreview:
              type: object
              required: [understood, from, to, total, days, listed, hits, misses, everyItem, version, complete]
              properties:
                understood: { type: string }
                total: { type: integer, minimum: 0 }
                days: { type: array, items: { type: object } }
                hits: { type: array, items: { $ref: '#/components/schemas/SearchHit' } }
                misses: { type: array, items: { type: object } }

        """

    static let desk = """
            Digest:
              type: object
              required: [title, query, grouping, extent, version, complete, total, taken, merged, groups, gaps, doubts]
              properties:
                title: { type: string }
                query: { type: string }
                grouping: { enum: [date, department, source, district] }
                extent: { enum: [title, summary, body] }
                version: { type: integer, minimum: 0 }
                complete: { type: boolean }
                total: { type: integer, minimum: 0 }
                taken: { type: integer, minimum: 0 }
                merged: { type: integer, minimum: 0 }
                firstDay: { type: string }
                lastDay: { type: string }
                groups:
                  type: array
                  items:
                    type: object
                    required: [name, isKnown, entries]
                    properties:
                      name: { type: string }
                      isKnown: { type: boolean }
                      entries: { type: array, items: { $ref: '#/components/schemas/DigestEntry' } }
                gaps:
                  type: array
                  items:
                    type: object
                    required: [kind, from, to, words]
                    properties:
                      kind: { enum: [days, months, department] }
                      from: { type: string }
                      to: { type: string }
                      words: { type: string }
                doubts:
                  type: array
                  items:
                    type: object
                    required: [code, count]
                    properties: { code: { type: string }, count: { type: integer, minimum: 1 } }
            DigestEntry:
              type: object
              required: [number, id, title, paragraphs, isAbridged, sources, districts, range, flags, doubts, duplicates]
              properties:
                number: { type: integer, minimum: 1 }
                id: { type: string }
                title: { type: string }
                paragraphs: { type: array, items: { type: string } }
                isAbridged: { type: boolean }
                date: { type: object }
                dateText: { type: string }
                day: { type: string }
                dateBasis: { $ref: '#/components/schemas/Basis' }
                department: { type: string }
                departmentBasis: { $ref: '#/components/schemas/Basis' }
                sources: { type: array, items: { type: string } }
                districts: { type: array, items: { type: string } }
                file: { type: string }
                range: { $ref: '#/components/schemas/Range' }
                flags: { type: array, items: { type: string } }
                doubts:
                  type: array
                  items:
                    type: object
                    required: [code, words]
                    properties: { code: { type: string }, words: { type: string }, other: { type: integer } }
                duplicates:
                  type: array
                  items:
                    type: object
                    required: [id, title, sources, range]
                    properties:
                      id: { type: string }
                      title: { type: string }
                      dateText: { type: string }
                      day: { type: string }
                      sources: { type: array, items: { type: string } }
                      file: { type: string }
                      range: { $ref: '#/components/schemas/Range' }
            Basis:
              type: object
              required: [rule, certainty]
              properties:
                rule: { type: string }
                range: { $ref: '#/components/schemas/Range' }
                certainty: { type: number, minimum: 0, maximum: 1 }
            FigureTable:
              type: object
              required: [query, version, complete, total, taken, isNamed, left, rows, trend, contradictions, sums]
              properties:
                query: { type: string }
                version: { type: integer, minimum: 0 }
                complete: { type: boolean }
                total: { type: integer, minimum: 0 }
                taken: { type: integer, minimum: 0 }
                isNamed: { type: boolean }
                left: { type: integer, minimum: 0 }
                rows: { type: array, items: { $ref: '#/components/schemas/FigureRow' } }
                trend:
                  type: array
                  items:
                    type: object
                    required: [row, date, dayNumber]
                    properties:
                      row: { type: integer, minimum: 1 }
                      date: { type: string }
                      dayNumber: { type: integer }
                      lower: { type: number }
                      upper: { type: number }
                contradictions:
                  type: array
                  items:
                    type: object
                    required: [rows, words]
                    properties: { rows: { type: array, items: { type: integer } }, words: { type: string } }
                sums:
                  type: array
                  items:
                    type: object
                    required: [rows, unit, words]
                    properties:
                      rows: { type: array, items: { type: integer } }
                      totalRow: { type: integer }
                      lower: { type: number }
                      upper: { type: number }
                      unit: { type: string }
                      agrees: { type: boolean }
                      words: { type: string }
            FigureRow:
              type: object
              required: [number, subject, includesLower, includesUpper, unit, comparator, places, quote, sentence, mentions, id, title, sources, range]
              properties:
                number: { type: integer, minimum: 1 }
                subject: { type: string }
                lower: { type: number }
                upper: { type: number }
                includesLower: { type: boolean }
                includesUpper: { type: boolean }
                unit: { type: string }
                comparator: { type: string }
                date: { type: string }
                day: { type: string }
                dateBasis: { enum: [figure, published, latest-day] }
                places: { type: array, items: { type: string } }
                quote: { type: string }
                sentence: { type: string }
                mentions: { type: integer, minimum: 1 }
                id: { type: string }
                title: { type: string }
                department: { type: string }
                sources: { type: array, items: { type: string } }
                file: { type: string }
                range: { $ref: '#/components/schemas/Range' }

        """
}
