select chain.defer_indexes()
