#!/usr/bin/env python3
"""Searches over HTTP with the standard library: search_http.py 复工复产 [--url http://127.0.0.1:8080] [--all]

An API key, where the gateway wants one, comes from the variable KUAIBAO_KEY. With --all every hit is listed, page by page,
on the version that the first page saw.
"""
import argparse
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request


def search(url, query, **more):
    """The answer to one search, as docs/http.md explains it."""
    parameters = urllib.parse.urlencode({"q": query, **more})
    request = urllib.request.Request(f"{url}/v1/collections/bulletins/search?{parameters}")
    if "KUAIBAO_KEY" in os.environ:
        request.add_header("Authorization", "Bearer " + os.environ["KUAIBAO_KEY"])
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("query")
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--all", action="store_true", help="list every hit")
    options = parser.parse_args()
    cursor, listed = None, 0
    try:
        while True:
            more = {"limit": 100 if options.all else 5}
            if cursor:
                more["cursor"] = cursor
            answer = search(options.url, options.query, **more)
            for hit in answer["hits"]:
                print(hit.get("date", "no date"), hit["title"]["text"], "、".join(hit["sources"]), hit["id"], sep="  ")
            listed += len(answer["hits"])
            cursor = answer.get("cursor")
            if not (options.all and cursor):
                break
    except urllib.error.HTTPError as failure:
        error = json.load(failure)["error"]
        sys.exit(f"{error['code']}: {error['message']}; {error['fix']}")
    print(f"{listed} of {answer['total']} hits, version {answer['version']}, complete: {answer['complete']}")


if __name__ == "__main__":
    main()
