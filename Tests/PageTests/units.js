// Checks of the page's pure functions, run in the page itself. The value is a list of what failed.
(async () => {
  const query = await import("/page/query.js");
  const routes = await import("/page/routes.js");
  const composition = await import("/page/composition.js");
  const words = await import("/page/words.js");
  const failed = [];
  const same = (name, found, expected) => {
    const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
    if (left !== right) failed.push(`${name}: ${left} instead of ${right}`);
  };

  same("a filter's quotes are escaped", query.filterToken("department", '甲"乙“丙\\', "zh"), '部门:"甲\\"乙\\“丙\\\\"');
  same("a filter joins with and", query.withPart("复工", '部门:"公安局"'), '复工 部门:"公安局"');
  same("a filter replaces everything", query.withPart(" * ", '部门:"公安局"'), '部门:"公安局"');
  same("a filter brackets an or", query.withPart("复工 OR 复产", "区:静安"), "(复工 OR 复产) 区:静安");
  same("a filter brackets a sign of or", query.withPart("复工|复产", "区:静安"), "(复工|复产) 区:静安");
  same("an or in brackets or quotes is no or", query.withPart('(a OR b) "c OR d"', "区:静安"), '(a OR b) "c OR d" 区:静安');
  same("a quoted blank does not split", query.split('部门:"a b" c').parts.map((part) => part.text), ['部门:"a b"', "c"]);
  same("an escaped quote does not close", query.split('"a\\" b" c').parts.map((part) => part.text), ['"a\\" b"', "c"]);
  same("filters are read back", query.filters('复工 部门:"甲\\"乙" -区:静安 日期>=2020-02'), [
    { field: "department", value: '甲"乙', text: '部门:"甲\\"乙"', isNegated: false },
    { field: "district", value: "静安", text: "-区:静安", isNegated: true },
    { field: "date", value: ">=2020-02", text: "日期>=2020-02", isNegated: false },
  ]);
  for (const value of ["公安局", '"', "\\", "a b", "(x)", "“引”", "甲:乙", "-"]) {
    const token = query.filterToken("source", value, "zh");
    same(`the filter ${value} is read back`, query.filters(`复工 ${token}`).map((filter) => filter.value), [value]);
    same(`the filter ${value} is taken out`, query.without(`复工 ${token}`, token), "复工");
  }
  same("figures are no filters", query.filters("复工率>70%"), []);
  same("an or has no filters", query.filters("部门:a OR 部门:b"), []);
  same("a part is taken out", query.without('复工 部门:"a b" 复产', '部门:"a b"'), "复工 复产");
  same("dates are replaced", query.withDates("复工 日期:2020-01", "2020-02", "2020-03", "zh"), "复工 日期:2020-02..2020-03");
  same("a month without a year", query.withDates("*", "--02", "--02", "en"), "date:--02 -date>=1000");
  same("a month after one without a year", query.withDates("复工 date:--02 -date>=1000", "2020", "2020", "en"), "复工 date:2020");
  same("all dates go", query.withoutDates("日期:--02 复工 -日期>=1000"), "复工");

  same("marks count scalars", query.cut("𠮷复工", [[1, 3]]), [{ text: "𠮷", isMarked: false }, { text: "复工", isMarked: true }]);
  same("wrong marks are left out", query.cut("复工", [[1, 9], [0, 1], [0, 2]]), [{ text: "复", isMarked: true }, { text: "工", isMarked: false }]);
  same("bytes become units", query.unitsOfBytes("部们:公安局", [0, 6]), [0, 2]);
  same("bytes behind a supplementary character", query.unitsOfBytes("𠮷 (复", [5, 6]), [3, 4]);
  same("bytes at the end", query.unitsOfBytes("复工 OR", [9, 9]), [5, 5]);
  same("bytes behind the end", query.unitsOfBytes("复", [50, 60]), [1, 1]);

  same("a whole date", query.readDate("2020-02-08"), { year: 2020, month: 2, day: 8, time: null });
  same("a date without a year", query.readDate("--02-08"), { year: null, month: 2, day: 8, time: null });
  same("a date with a time", query.readDate("2022-07-25T20:11+08:00"), { year: 2022, month: 7, day: 25, time: "20:11" });
  same("no date", query.readDate("-"), null);
  words.setLanguage("zh");
  same("an unknown year is said", words.dateWords(query.readDate("--02-08")), "2月8日（年份不明）");
  same("a day is said", words.dateWords(query.readDate("2020-02-08")), "2020年2月8日");
  same("a month is said", words.dateWords(query.readDate("2020-02")), "2020年2月");

  const keys = (buckets, limit) => query.timeline(buckets, limit).map((group) => [group.year, group.bars.map((bar) => `${bar.key}=${bar.count}`)]);
  same("short gaps are filled", keys([{ value: "2019-12", count: 1 }, { value: "2020-02", count: 3 }]), [[2019, ["2019-12=1"]], [2020, ["2020-01=0", "2020-02=3"]]]);
  same("long gaps are left out", keys([{ value: "2020-01", count: 1 }, { value: "2020-06", count: 3 }]), [[2020, ["2020-01=1"]], [2020, ["2020-06=3"]]]);
  same("a long gap is marked", query.timeline([{ value: "2020-01", count: 1 }, { value: "2022-06", count: 3 }]).map((group) => group.isAfterGap), [false, true]);
  same("unknown years stand apart", keys([{ value: "--02", count: 2 }, { value: "2020-02", count: 3 }]), [[2020, ["2020-02=3"]], [null, ["--02=2"]]]);
  same("a bare year has its own bar", keys([{ value: "2020-01", count: 3 }, { value: "2020", count: 2 }]), [[2020, ["2020=2", "2020-01=3"]]]);
  same("many bars are drawn by years", keys([{ value: "2001-05", count: 2 }, { value: "2003-02", count: 3 }, { value: "2003-03", count: 1 }], 2), [["", ["2001=2", "2002=0", "2003=4"]]]);
  same("nothing", keys([]), []);

  const parameters = { q: 'a&b=c #?% "复工"', sort: "newest", page: 3 };
  const read = routes.readHash(routes.searchHash(parameters));
  same("an address is read back", read, { view: "search", parameters: { q: parameters.q, sort: "newest", page: "3" } });
  same("a broken escape is kept", routes.readHash("#/search?q=%E5%A4").parameters.q, "%E5%A4");

  const suggest = await import("/page/suggest.js");
  same("the last word is completed", suggest.lastWord("部门:公安局 复工"), { before: "部门:公安局 ", word: "复工" });
  same("a bracket and a minus stand before it", suggest.lastWord("复工 (-隔"), { before: "复工 (-", word: "隔" });
  same("no word inside of quotes", suggest.lastWord('复工 "疫情'), { before: '复工 "疫情', word: "" });
  same("no word behind a colon", suggest.lastWord("部门:公").word, "");
  same("a space ends the word", suggest.lastWord("复工 ").word, "");

  const press = (values) => new KeyboardEvent("keydown", { key: "Enter", ...values });
  same("Enter searches", composition.belongsToComposition(press({ keyCode: 13 }), false), false);
  same("Enter with keyCode 229 is the input method's", composition.belongsToComposition(press({ keyCode: 229 }), false), true);
  same("Enter with isComposing is the input method's", composition.belongsToComposition(press({ isComposing: true }), false), true);
  same("Enter between composition events is the input method's", composition.belongsToComposition(press({}), true), true);
  return failed;
})()
