// Every error of the ingest gateway as a peer may see it.

import Ledger
import Messages

func wireError(_ error: any Error) -> KuaibaoError {
    switch error {
    case let error as KuaibaoError: error
    case let error as LedgerError: error.wireError
    case let refusal as CatalogRefusal: refusal.wireError
    default: KuaibaoError(.internal, "\(error)", fix: "report this with the log")
    }
}
