// Which worker a part of the collection belongs to: the one with the greatest weight.
//
// Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998. When a worker joins or leaves, only the
// parts move that it wins or had.

enum Rendezvous {
    /// FNV-1a over part and worker, finished by a multiply-shift mix so that short names spread too.
    static func weight(_ part: String, _ worker: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ 0xff) &* 0x0000_0100_0000_01b3
        for byte in worker.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash ^= hash >> 33
        hash = hash &* 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 33
        return hash
    }
}
