"""How each language reads what is not written as words: numbers, money, dates, times, units, symbols."""
